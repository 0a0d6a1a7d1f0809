# Questions, people, phrases, works.
$ lectern import -q notes >/dev/null; lectern questions | head -n 4
Drops and where they go · RainConf 2019
  Q: Does it count hail? (Bo Ek)
  A: Only the small kind.
  Q: Is it open source?
$ lectern questions umbrella --json
[]
[1]
$ lectern people rainconf-2019
Ana Lima (Fjord Labs)
  Drops and where they go (RainConf 2019)
  Umbrellas at scale (RainConf 2019)
Bo Ek (Nordlys)
  Umbrellas at scale (RainConf 2019)
$ lectern people --json | jq -r '.[] | select(.name == "Cy Orr") | .talks[0].title'
Wind in pipes
$ lectern keyphrases -n 2 umbrellas
Umbrellas at scale
(re) ^  .
(re) ^  .
$ lectern reading-list
Counting Hail · Dora Vik · IceConf 2015

Only named, not yet found
Mosella
$ lectern reading-list --format bibtex
@inproceedings{vik2015counting,
  title = {{Counting Hail}},
  author = {Vik, Dora},
  booktitle = {IceConf},
  year = {2015}
}

% only named: Mosella
$ lectern reading-list --json | jq -c '.[] | [.title, .year, .resolved]'
["Counting Hail",2015,true]
["Mosella",null,false]
