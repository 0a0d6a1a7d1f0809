# How many talks there are, and whether those in $talks ("title by speaker; title by speaker") are among them.
[.talks[] | {title, speakers: [.speakers[].name]}] as $have
| (if ($have | length) < $least or ($have | length) > $most then
    "\($have | length) talks, not \($least) to \($most): \([$have[].title] | tojson)" else empty end),
  ($talks | split("; ")[] | select(. != "") | ((try capture("^(?<title>.*) by (?<speaker>.*)$") catch null) // {title: ., speaker: null}) as $w
    | select(any($have[]; .title == $w.title and ($w.speaker == null or any(.speakers[]; . == $w.speaker))) | not)
    | "not found: \($w.title) by \($w.speaker)")
