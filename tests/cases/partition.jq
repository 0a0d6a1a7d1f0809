# The notes of one source own its bytes: all of them, each once. Lines of complaint.
[.[] | .sources[0] | select(. != null) | [.byte_start, .byte_end]] | sort
| reduce .[] as $span ({at: 0, bad: []};
    (if $span[0] != .at then .bad += ["notes own bytes up to \(.at), the next owns from \($span[0])"] else . end)
    | .at = $span[1])
| (if .at != $bytes then .bad += ["notes own bytes up to \(.at) of \($bytes)"] else . end)
| .bad[]
