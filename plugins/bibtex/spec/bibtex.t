# An entry for each talk and work; keys once; only what is stated.
$ lectern import -q . >/dev/null; lectern export bibtex
@inproceedings{vik2015counting,
  title = {{Counting Hail}},
  author = {Vik, Dora},
  booktitle = {IceConf},
  year = {2015}
}

@inproceedings{vik2015countinga,
  title = {{Counting Cards}},
  author = {Vik, Otto},
  booktitle = {IceConf},
  year = {2015}
}

@inproceedings{lima2021clocks,
  title = {{Clocks, queues \& \textbraceleft{}braces\textbraceright{}}},
  author = {de Lima, Ana and {Ida}},
  booktitle = {GateConf},
  year = {2021},
  month = mar,
  url = {https://gate.example/clocks},
  keywords = {time, deep-dive}
}

@inproceedings{team20211plus1,
  title = {{=1+1}},
  author = {{The Gate Team}},
  booktitle = {GateConf},
  year = {2021},
  month = mar,
  note = {Keynote; best talk}
}

% only named: Mosella (at) home
# What a query asks for.
$ lectern export bibtex kind:mention
% only named: Mosella (at) home
$ lectern export bibtex nothing:here
$ lectern export bibtx
(re) did you mean 'bibtex'\?
...
[64]
