# One page: grouped, anchored, escaped, without anything from elsewhere.
$ lectern import talks.md hostile.md >/dev/null; lectern export html --output page.html >/dev/null; lua5.4 balanced.lua page.html
looked at
$ grep -c '<section id=' page.html; grep -o '<h3 class="session">[^<]*</h3>' page.html
2
<h3 class="session">Lightning talks</h3>
$ grep -o '<p class="by">.*' page.html | head -n 1
<p class="by">Ana Lima <span>(Fjord Labs)</span></p>
$ grep -o '<a href="#t-[0-9a-f]*">the other one</a>' page.html | sed 's/t-[0-9a-f]*/ID/'
<a href="#ID">the other one</a>
$ grep -c '<table>' page.html; grep -o '<td>.*</td>' page.html
1
<td>a</td><td><code>1</code></td>
# What a note holds is text, whatever it looks like.
$ grep -ci '<script\|onerror=\|javascript:' page.html
0
[1]
$ grep -o '&lt;b&gt;Bold&lt;/b&gt; claims' page.html | head -n 1
&lt;b&gt;Bold&lt;/b&gt; claims
$ grep -c 'https\?://[^"< ]*\.\(css\|js\|woff\)' page.html
0
[1]

# A folder: an index and a page for each event.
$ lectern export html --output site >/dev/null; for page in site/*.html; do lua5.4 balanced.lua "$page"; done; ls site
looked at
looked at
looked at
gate-conf-2021.html
index.html
notes.html
$ grep -o 'href="gate-conf-2021.html#t-[0-9a-f]*"' site/index.html | wc -l
3
