-- What two texts are compared by: case, quotes, marks of quoted mail, white space and a full stop at the end do not count.

local FOLDS <const> = { ["\u{2018}"] = "'", ["\u{2019}"] = "'", ["\u{201c}"] = '"', ["\u{201d}"] = '"',
  ["\u{201e}"] = '"', ["\u{ab}"] = '"',
  ["\u{bb}"] = '"', ["\u{a0}"] = " " }

return function(s)
  s = s:gsub("\xe2\x80[\x98-\x9e]", FOLDS):gsub("\xc2[\xa0\xab\xbb]", FOLDS):gsub("\n[> ]*>%s*", "\n"):gsub("%s+",
    " "):lower()
  return (s:gsub("^[%s\"]+", ""):gsub("[%s\"]+$", ""):gsub("%.$", ""))
end
