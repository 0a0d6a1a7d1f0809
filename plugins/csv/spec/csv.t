# A header, a row for each talk, nothing that a spreadsheet would run.
$ lectern import -q . >/dev/null; lectern export csv --columns start,title,speakers,affiliations,tags | tr '\r' '$'
start,title,speakers,affiliations,tags$
2021-03-04T10:00,"Clocks, queues & {braces}",Ana de Lima; Ida,Fjord Labs,time; deep-dive$
2021-03-05,'=1+1,The Gate Team,,$
,Some day,Bo Ek,,$
$ lectern export csv | head -n 1 | tr -d '\r'
id,event,year,session,start,end,room,building,kind,title,speakers,affiliations,awards,tags,url,slides_url,video_url,abstract
$ lectern export csv --bom --columns kind,year | head -n 2 | od -An -tx1
 ef bb bf 6b 69 6e 64 2c 79 65 61 72 0d 0a 74 61
 6c 6b 2c 32 30 32 31 0d 0a
$ lectern export csv --columns titel
(re) csv has no column 'titel'; did you mean 'title'\?
...
[64]
$ lectern export csv --colums title
(re) unknown option '--colums' of 'export'; did you mean '--columns'\?
...
[64]
$ lectern export csv 'event:gateconf-2021 kind:keynote' --columns title,kind | tr -d '\r'
title,kind
'=1+1,keynote
