-- The command questions: what notes hold as questions and answers.

local lectern = require "lectern"
local common = require "digest.common"
local style, text = lectern.style, lectern.text

local function page(found, job)
  local out, width, last = {}, job.tty[2] and math.min(job.width, 100) or 0, nil
  local function put(label, words)
    local line = common.line(words)
    if width > 0 then line = text.wrap(line, width - 5):gsub("\n", "\n     ") end
    out[#out + 1] = "  " .. style.accent(label) .. " " .. line
  end
  for _, item in ipairs(found) do
    if item.note ~= last then
      if last then out[#out + 1] = "" end
      local event = common.event_name(item.event ~= lectern.null and item.event or nil)
      out[#out + 1] = style.bold(common.line(item.title)) .. (event and style.dim(" · " .. event) or "")
    end
    last = item.note
    put("Q:", item.q .. (item.asker ~= lectern.null and (" (%s)"):format(item.asker) or ""))
    if item.a ~= lectern.null then put("A:", item.a) end
  end
  return table.concat(out, "\n") .. "\n"
end

local function name_of(asker)
  return type(asker) == "table" and asker.name or asker
end

return function(args, job)
  local found = {}
  local query = common.query(args.query)
  for note in lectern.notes.each {
    type = "note", query = query and ("has:question (%s)"):format(query) or "has:question", event = args.event and args.event.id,
  } do
    for _, q in ipairs(note.questions) do
      if q.q and not (args.open and q.a) then
        found[#found + 1] = {
          note = note.id, talk = note.talks[1] or lectern.null, title = note.title or "(no title)", event = note.event or lectern.null,
          q = q.q, a = q.a or lectern.null, asker = name_of(q.asker) or lectern.null,
        }
      end
    end
  end
  if #found == 0 then return common.nothing(job, found, "questions", args) end
  return found, page(found, job)
end
