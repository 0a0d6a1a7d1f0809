-- Whether every tag of an HTML file is closed in its turn, every id is there once, and every #link leads somewhere.
local void = { meta = true, br = true, hr = true, img = true, link = true, input = true }
local open, ids, links = {}, {}, {}
local text = assert(io.open(arg[1])):read "a"
for slash, name, rest in text:gsub("<!%-%-.-%-%->", ""):gsub("<style>.-</style>", ""):gmatch "<(/?)(%a%w*)([^<>]*)>" do
  local id = rest:match ' id="([^"]*)"'
  if id and ids[id] then print("two of id " .. id) end
  if id then ids[id] = true end
  links[#links + 1] = rest:match ' href="#([^"]*)"'
  if slash == "/" then
    if open[#open] ~= name then print(("</%s> closes <%s>"):format(name, tostring(open[#open]))) end
    open[#open] = nil
  elseif not void[name] then
    open[#open + 1] = name
  end
end
if #open > 0 then print("left open: " .. table.concat(open, " ")) end
for _, id in ipairs(links) do if not ids[id] then print("leads nowhere: #" .. id) end end
print "looked at"
