# Why a talk is one, and how sure that is.
$ lectern import --dry-run --explain three-ways.md --json | jq -r '.sources[0].items[] | select(.type == "talk") | "\(.title) | \(.line_start)-\(.line_end) | \(.confidence) | \(.why)"'
Slow bread | 5-10 | 0.9 | heading level 2 under 'Oven Meetup 2022', speaker in an emphasised line below
Yeast at scale | 11-14 | 0.95 | heading level 2 under 'Oven Meetup 2022', labelled 'Session'
Crumbs | 19-21 | 0.6 | heading level 2 under 'Oven Meetup 2022', stands beside talks
$ lectern import three-ways.md >/dev/null; lectern list --type note --sort title --format '{kind}|{title}|{words}'
note|Coffee break|4
note|Crumbs|4
post|Oven Meetup 2022|7
note|Slow bread|17
note|Yeast at scale|7

# Code is no structure and holds no tags.
$ lectern list --type note --json | jq -c '[.[] | select(.tags != []) | {title, tags}]'
[{"title":"Slow bread","tags":["baking"]}]

# Out and in again.
$ lectern export markdown --output out >/dev/null; cat out/oven-meetup-2022/oven-meetup-2022.md | head -n 8
---
title: Oven Meetup 2022
kind: post
event: Oven Meetup 2022
---
(re) ^# Oven Meetup 2022$

Flour on every badge.
