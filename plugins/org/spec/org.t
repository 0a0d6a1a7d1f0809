# Headings by event, session and talk; bodies turned into Org.
$ lectern import -q . >/dev/null; lectern export org --title Gate | sed 's/^:ID: .*/:ID:/'
#+TITLE: Gate
#+OPTIONS: ^:{} tex:nil toc:2 num:nil
#+PROPERTY: header-args :eval never

* GateConf 2021
:PROPERTIES:
:ID:
:SLUG:      gateconf-2021
:END:
** Time
*** Clocks, queues & {braces} :time:deep_dive:
:PROPERTIES:
:ID:
:SPEAKERS:  Ana de Lima (Fjord Labs); Ida
:LOCATION:  Hall B, Main
:URL:       https://gate.example/clocks
:END:
<2021-03-04 Thu 10:00-10:30>
A clock is a /rumour/, says [[https://gate.example/paper][the paper]].

- one
- two

#+begin_src c
,* = 1;
#+end_src

Q: Which one is right?
A: The broken one.

** =1+1
:PROPERTIES:
:ID:
:KIND:      keynote
:SPEAKERS:  The Gate Team
:AWARDS:    best talk
:END:
<2021-03-05 Fri>
\zwnj{}* not a heading

** Some day
:PROPERTIES:
:ID:
:SPEAKERS:  Bo Ek
:LOCATION:  Main
:END:
We shall see.

$ lectern export org nothing:here | tail -n +4

