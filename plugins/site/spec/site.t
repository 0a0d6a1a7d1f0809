# The text of a Markdown note: no pictures, no links into nothing, headings in order, no head and no tags said twice.
$ lectern import talks.md mail.txt >/dev/null; lectern export site -o site >/dev/null; sh part '<h2>Notes' 'talks/opening-the-gate-*'
<h2>Notes</h2>
<div class="body" dir="auto">
<p>See <a href="../talks/closing-the-gate-ID.html">the other one</a>, the shed, <a href="https://gate.example/?a=1&amp;b=2">a page</a> and <a href="https://gate.example/hinge.png">a hinge</a>.</p>
<h3>Far down</h3>
<div class="scroll" role="region" aria-label="Table" tabindex="0"><table>
<thead><tr><th scope="col">what</th><th scope="col">how many</th></tr></thead>
<tbody>
<tr><td>a</td><td><code>1</code></td></tr>
</tbody>
</table></div>
<p>Q: Who oils it?<br>
A: Nobody.</p>
</div>
</section>
$ sh part '<li>☐' 'talks/closing-the-gate-*' | head -n 3
<li>☐ oil the hinges</li>
<li><del>paint</del> <code>~~code~~</code></li>
</ul>

# Plain text: lists by their indent, underlined headings, quotes, addresses, lines that were wrapped and lines that were not.
$ sh part '<h2>Notes' 'talks/locks-*'
<h2>Notes</h2>
<div class="body" dir="auto">
<ul>
<li>first point, which goes on
in a second line<ol>
<li value="1">a step</li>
</ol>
</li>
<li>second point with <a href="https://fen.example/locks">https://fen.example/locks</a>.</li>
</ul>
<h3>Title of a part</h3>
<blockquote>
<p>quoted by somebody<br>
who went on</p>
</blockquote>
</div>
</section>
$ sh part '<p>A line' 'talks/clocks-*' | head -n 5
<p>A line that was wrapped by hand because it had come to its end
goes on here.<br>
Short.<br>
Q: And then?<br>
A: Then it was over.</p>

# A report with what was cut from it, in its place; sessions of an event.
$ sh part '<h1' 'notes/brackle-*'
<h1 dir="auto">Brackle 2016, two talks</h1>
<p class="meta">by <a href="../people/ines-quay-ID.html">Ines Quay</a></p>
<div class="body" dir="auto">
<p>A short report.</p>
</div>
<ul class="entries">
<li><a href="../talks/locks-for-people-in-a-hurry-ID.html">Locks for people in a hurry</a><span class="sub">Ada Moss</span></li>
<li><a href="../talks/clocks-clocks-ID.html">Clocks &amp; &lt;clocks&gt;</a><span class="sub">Bo Reed</span></li>
</ul>
<dl class="facts">
<dt>Source</dt><dd>mail.txt, lines 1–6</dd>
</dl>
</article>
$ sh part '<h3>' 'events/gate-conf-2021.html' | head -n 4
<h3>Lightning talks</h3>
<ul class="entries">
<li><a href="../talks/a-latch-ID.html">A latch</a> <span class="kind">lightning</span><span class="sub">Cy Orr</span></li>
</ul>
