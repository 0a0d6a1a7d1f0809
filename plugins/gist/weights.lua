-- What each feature of a sentence is worth to gist. `tuned` is written by scripts/tune, which fits it to pairs of
-- abstracts and summaries; `set` is by hand: what notes have and abstracts have not.

local tuned = {
  adds = -0.23, answers = 0.12, before = -0.19, begins = 0.78, bigrams = 0.31, central = 0.4,
  cover = 0.54, first = 0.09, method = 0.18, new = 0.33, offer = 1.06, offers = 0.91,
  position = -0.22, relates = 0.21, share = 0.92, studies = 0.2, tests = -0.19, trials = -0.2,
  work = 0.56,
}

local set = {
  about = 2, asks = -1.2, chat = -0.8, dangling = -0.3, half = -0.6, item = -0.2, long = -0.3, point = 0.6, short = -0.5, tells = 0.4,
}

local weights = {}
for name, weight in pairs(tuned) do weights[name] = weight end
for name, weight in pairs(set) do weights[name] = weight end
return weights
