# Lines of a width, links below their text.
$ lectern import -q . >/dev/null; lectern export text
GateConf 2021
=============

Session: Time
.............

Clocks, queues & {braces}
-------------------------
Ana de Lima (Fjord Labs), Ida
Thursday, 4 March 2021, 10:00-10:30, Hall B, Main
Page: https://gate.example/clocks

A clock is a _rumour_, says the paper [1].

- one
- two

    * = 1;

Q: Which one is right?
A: The broken one.

[1] https://gate.example/paper

=1+1
----
The Gate Team
Friday, 5 March 2021
Keynote; best talk

* not a heading

Some day
--------
Bo Ek

We shall see.
$ lectern export text --width 20 session:time | sed -n '7,14p'
Clocks, queues &
{braces}
----------------
Ana de Lima (Fjord
Labs), Ida
Thursday, 4 March
2021, 10:00-10:30,
Hall B, Main
$ lectern export text --width 5
(re) at least 20
...
[64]
