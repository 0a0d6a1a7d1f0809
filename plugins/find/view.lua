-- Related talks and notes as a person reads them: what it is, then why.

local lectern = require "lectern"
local style = lectern.style

local M = {}

local function reasons(why)
  local list = {}
  if #why.people > 0 then list[#list + 1] = table.concat(why.people, ", ") end
  if #why.tags > 0 then list[#list + 1] = "#" .. table.concat(why.tags, " #") end
  if why.session then list[#list + 1] = "same session" elseif why.event then list[#list + 1] = "same event" end
  if #why.terms > 0 then list[#list + 1] = table.concat(why.terms, " ") end
  return table.concat(list, " · ")
end

function M.related(list)
  local out = {}
  for _, hit in ipairs(list) do
    local event = type(hit.event) == "table" and hit.event.slug or nil
    out[#out + 1] = ("%s  %s%s"):format(style.dim(hit.short), hit.title or "(no title)",
      event and style.dim("  " .. event) or "")
    out[#out + 1] = "          " .. style.dim(reasons(hit.why))
  end
  return table.concat(out, "\n")
end

return M
