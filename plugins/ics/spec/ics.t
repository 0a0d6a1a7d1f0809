# An event for each talk whose day is known; lines of at most 75 octets.
$ lectern import -q . >/dev/null; lectern export ics 2>warnings | tr -d '\r' | sed 's/^\(UID\|DTSTAMP\|LAST-MODIFIED\):.*/\1/'; cat warnings
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//lectern//talks//EN
CALSCALE:GREGORIAN
BEGIN:VEVENT
UID
DTSTAMP
LAST-MODIFIED
SEQUENCE:0
DTSTART:20210304T100000
DTEND:20210304T103000
SUMMARY:Clocks\, queues & {braces}
LOCATION:Hall B\, Main
DESCRIPTION:Ana de Lima (Fjord Labs)\, Ida\nGateConf 2021\nTime
CATEGORIES:time,deep-dive
URL:https://gate.example/clocks
END:VEVENT
BEGIN:VEVENT
UID
DTSTAMP
LAST-MODIFIED
SEQUENCE:0
DTSTART;VALUE=DATE:20210305
SUMMARY:=1+1
DESCRIPTION:The Gate Team\nGateConf 2021
END:VEVENT
END:VCALENDAR
(re) 1 talk without a day is left out$
# A change of a talk is a later stamp and a higher number: calendars take it.
$ lectern export ics kind:keynote 2>/dev/null | grep -a UID >before; lectern tag -q +seen -- "$(lectern list kind:keynote --format '{id}')" >tagged; lectern export ics kind:keynote 2>/dev/null | grep -a UID | cmp - before; lectern export ics kind:keynote 2>/dev/null | grep -ac '^SEQUENCE:1'
1
