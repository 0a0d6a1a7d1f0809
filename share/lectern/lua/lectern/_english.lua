--- English for lectern.rank: words that say nothing alone, and phrases that say what a sentence is good for.
---
--- How a phrase is written is in core/compartment/helpers/rank_language.h. What a cue that counts is worth is not decided
--- here but by the weights of whoever scores.

local author = "we|i|paper|work|article|study|thesis|talk|tutorial|report"

return {
  stop = [[a about above after again against all am an and any are as at be because been before being below between
    both but by can could d did do does doing don down during each few for from further had has have having he her here
    hers him his how i if in into is it its itself just ll m me more most my no nor not of off on once only or other our
    ours out over own re s same she should so some such t than that the their theirs them then there these they this
    those through to too under until up us ve very was we were what when where which while who whom why will with would
    you your]],
  fillers = "*ly also then first further here thus therefore instead hence will are is able to",
  cues = {
    -- What somebody did and says so. `offers` counts in every sentence, `offer` in the first that has it.
    { name = "offers", author .. " ~ propos*|present*|introduc*|develop*|describ*|design*|devis*|formulat*|suggest*|offer*|provid*",
      "^propos*|present*|introduc*|develop*|describ*" },
    { name = "offer", once = true,
      author .. " ~ propos*|present*|introduc*|develop*|describ*|design*|devis*|formulat*|suggest*|offer*|provid*" },
    { name = "studies", author .. " ~ study|studies|investigat*|explor*|examin*|analy*|characteri*|revisit*|aim*|focus*|seek*" },
    { name = "tests", author .. " ~ evaluat*|validat*|verify|verifies|perform*|conduct*|test|tests|compare|compares|apply|applies"
        .. "|experiment*|believe|hope|discuss*|achiev*|outperform*|release|releases|call|refer|envision|obtain*|highlight*|note",
      author .. " also|further|then|finally" },
    { name = "work", "in|with this|our paper|work|article|study|report|talk|note|thesis|tutorial",
      "in the present|current paper|work|article|study|report|talk", "this paper|work|article|study|report|talk|tutorial" },
    { name = "begins", "^we|here|i", "^in this paper|work|article|study|talk|tutorial", "^this paper|work|article|study|talk|tutorial" },
    { name = "answers", "^to this|that end", "^to address|overcome|solve|tackle|mitigate|alleviate|remedy|resolve|combat|bridge|fill",
      "^motivated|inspired|instead", "^based on" },
    { name = "new", "novel|new", "a|an|the|two|three|first|our simple|general|unified|principled",
      "a|an|the|two|three|first|our *ly|conceptually|flexible|more|single simple|general|unified|principled" },
    { name = "method", max = 2, "framework|frameworks|method|methods|approach|approaches|algorithm|algorithms|model|models|architecture"
        .. "|architectures|technique|techniques"
        .. "|network|networks|system|systems|dataset|datasets|mechanism|mechanisms|procedure|scheme|schemes|strategy|strategies|formulation"
        .. "|theory|analysis|layer|layers|loss" },
    { name = "relates", max = 3, "that|which|by|for|using|to", "based on" },
    { name = "adds", "also|further|furthermore|moreover|additionally|finally|then|second|lastly", "in addition" },
    { name = "before", max = 3, "has|have been", "recently|existing|previous|prior|traditional*|often|typically|usually|commonly|remain"
        .. "|remains|challeng*|difficult|widely|popular|important|recent|most|many|current|conventional|however" },
    { name = "trials", max = 3, "experiment*|empirical*|dataset|datasets|benchmark*|results|evaluation*|tasks|outperform*|accuracy"
        .. "|performance|improvement*", "state of the art" },
    -- What talks and those who report them say.
    { name = "point", "main|key|basic|core|big|central|fundamental|overall idea|ideas|point|message|insight|lesson|claim|contribution|goal"
        .. "|problem|takeaway|challenge|observation", "the|one idea|lesson|lessons|moral|takeaway|trick|conclusion|answer|point is|are",
      "argu*|claim*|conclud* that", "in short|summary|conclusion|essence", "turns out", "best|outstanding paper|talk|demo|poster" },
    { name = "tells", "he|she|they|author|authors|speaker ~ argu*|show*|present*|propos*|introduc*|explain*|describ*|claim*|demonstrat*"
        .. "|found|find|finds|use|uses|built|build|builds|made|make|makes|wrote|ask|asks",
      "argues|proposes|presents|introduces|demonstrates|explains|describes" },
    { name = "chat", "glad|thank|thanks|welcome|hello|hi|sorry|unfortunately|btw|imo|imho|lol", "i m|am|was|think|guess|hope|had|have|d|ve|ll",
      "good morning|afternoon|evening", "this blog|post|posts|summary|section|page|site",
      "see|read|check|click|visit|find the|here|out|more|below|above",
      "please", "^compare|cf|see", "more details|information|info|later", "brief|short review|summary|overview",
      "my notes|favourite|favorite|favourites",
      "will take place", "let me|s|us", "back to", "coming up|soon", "we are|re pleased|happy|glad|very", "coffee|lunch|dinner|breakfast|banquet" },
    { name = "dangling", "^it|they|this|these|that|those|he|she|such|but|and|so|or|which|also", "^the former|latter|above|following" },

    -- Never chosen.
    { name = "apology", role = "reject", "i|we got|get|am|m|are|was|were lost", "got lost here|there|again|in", "lost me|track",
      "i|we didn|did|couldn|could|don|can|wasn|was t|not follow|hear|catch|understand|get|see|able|sure|taking|paying", "i|we missed|left|zoned",
      "i|we arrived|came|was|were|got late", "notes are incomplete|missing|sparse|rough", "no notes", "stopped taking|listening",
      "i|we fell asleep", "over|above my head", "^sorry", "sorry i|for|about|if", "i|we had to leave|go", "i|we have|had no idea",
      "notation heavy" },
    { name = "frame", role = "reject", "^posted by|on|in|at", "^filed under|in",
      "^tagged|tags|categories|category|permalink|trackback*|copyright|bookmark",
      "^written|published|updated|edited|submitted by|on", "no|leave|add|post comment|comments|reply", "leave a comment|reply",
      "comments are off|closed",
      "^read|continue more|reading", "^share this|on", "^subscribe to", "^previous|next|newer|older post|posts|page|article", "all rights reserved",
      "click here", "^slides|video|videos|audio|recording|recordings|proceedings|photos|pictures from|by|available|here|online",
      "are|is|now available online|here|now", "findable via", "^back to top", "^table of contents", "^see also", "to be continued", "^tbd|tba|todo" },
    { name = "data", role = "key",
      "^speaker|speakers|presenter|presenters|author|authors|by|date|dates|day|time|times|when|where|room|rooms|location|venue"
        .. "|building|slides|video|recording|link|links|url|website|web|event|conference|session|track|level|duration|tags|tag|abstract|moderator"
        .. "|moderators|panel|panelists|panellists|chair|chairs|host|organisers|organizers|organiser|organizer|audience|language|keywords|bio|email"
        .. "|twitter|repo|doi|status|type|title|affiliation|todo|edit|update|disclaimer",
      "^session chair|chairs", "^talk|project|home page|title|type", "^tutorial presenters" },

    -- What makes words say something: finite verbs, and what items of lists begin with.
    { name = "verb", role = "verb",
      "is|are|was|were|be|been|has|have|had|can|could|will|would|should|must|may|might|shall|does|do|did|isn|aren|wasn|don"
        .. "|doesn|didn|won|cannot|gets|get|got|makes|made|use|uses|used|needs|need|wants|want|shows|show|showed|gives|gave|says|said|thinks|think"
        .. "|knows|know|sees|saw|goes|went|takes|took|comes|came|becomes|became|allows|requires|provides|provide|means|helps|lets|let|keeps|kept"
        .. "|seems|seem|looks|works|worked|fails|failed|runs|ran|builds|built|finds|found|tries|tried|learned|argues|proposes|presents|introduces"
        .. "|describes|explains|claims|demonstrates|depends|reduces|improves|increases|supports|contains|consists|started|decided|wrote|happens"
        .. "|costs|saves|turns|starts|ends|stops|adds|replaces|solves|tells|told|asked|asks|leads|led|holds|moves|changes|changed|grew|grows"
        .. "|s|re|t" },
    { name = "weak", role = "weak",
      "^*ing|*ed|not|never|always|only|no|if|when|because|without|instead|avoid|try|make|use|don|write|think|keep|learn|start"
        .. "|stop|choose|pick|find|build|test|ask|let|look|get|take|run|add" },
  },
}
