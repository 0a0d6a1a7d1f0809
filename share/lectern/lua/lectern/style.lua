--- Emphasis for people: SGR sequences where the job's output takes colour, plain text elsewhere.

local _, host = ...

---@class lectern.style
---@field bold fun(text: any): string
---@field dim fun(text: any): string
---@field italic fun(text: any): string
---@field accent fun(text: any): string headings, names that lead somewhere
---@field ok fun(text: any): string
---@field warn fun(text: any): string
local style = {}

local codes = { bold = "1", dim = "2", italic = "3", accent = "36", ok = "32", warn = "33" }

for name, code in pairs(codes) do
  style[name] = function(text)
    text = tostring(text)
    local job = host.job()
    if not (job and job.color) or text == "" then
      return text
    end
    return "\27[" .. code .. "m" .. text .. "\27[0m"
  end
end

return style
