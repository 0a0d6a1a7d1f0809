# What of $want is not in $found: a line each. $want may leave out any field; lists are complete and in order of the title.
def name: if type == "object" then (.name // .) else . end;
def differs($want; $path):
    if ($want | type) == "object" then
        if type != "object" then "\($path): \(.) is no object"
        else . as $have | $want | to_entries[] | .key as $k | .value as $v | ($have[$k] | differs($v; "\($path).\($k)")) end
    elif ($want | type) == "array" then
        if type != "array" or length != ($want | length) then "\($path): \(tojson), not \($want | tojson)"
        else . as $have | range(0; $want | length) as $i | ($have[$i] | differs($want[$i]; "\($path)[\($i)]")) end
    elif ($want | type) == "string" and type == "object" then
        if name == $want then empty else "\($path): \(name), not \($want)" end
    elif . == $want then empty
    else "\($path): \(tojson), not \($want | tojson)" end;
$found[0] as $have | $want[0] as $w | $report[0] as $r
| ($have | {talks: (.talks | sort_by(.title)), notes: (.notes | sort_by(.title))}) as $sorted
| (if $w.talks then
    if ($sorted.talks | length) != ($w.talks | length) then
        "\($sorted.talks | length) talks, not \($w.talks | length): \([$sorted.talks[].title] | tojson)"
    else ($sorted.talks | differs($w.talks | sort_by(.title); "talks")) end else empty end),
  (if $w.notes then
    if ($sorted.notes | length) != ($w.notes | length) then
        "\($sorted.notes | length) notes, not \($w.notes | length): \([$sorted.notes[].title] | tojson)"
    else ($sorted.notes | differs($w.notes | sort_by(.title); "notes")) end else empty end),
  (if $w.warnings then
    [$r.sources[].warnings[].message] as $told
    | (if ($told | length) != ($w.warnings | length) then "warnings: \($told | tojson)" else empty end),
      ($w.warnings[] | . as $text | select(any($told[]; contains($text)) | not) | "no warning: \($text)")
   else empty end)
