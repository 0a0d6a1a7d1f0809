--- Files that notes have: what a link in the text means, where exporters put them, and pictures as text.

local attachments = {}

local find, gsub = string.find, string.gsub

local INLINE <const> = 2 * 1024 * 1024 -- bytes of a picture inside a page

--- "fig/a%20b.png?raw#x" -> "fig/a b.png": the name of a file beside the text, as "attachments" of a note give it; nil where URL
--- is none.
---@param url string
---@return string?
function attachments.name(url)
  local name = gsub(url, "[?#].*$", "")
  if name == "" or find(name, "^[/~\\]") or find(name, "^%a[%w+.-]*:") then
    return nil
  end
  name = gsub(name, "%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end)
  name = gsub(name, "^%./", "")
  if name == "" or #name > 1000 or find(name, "/$") or find(name, "%c") or not utf8.len(name) then
    return nil
  end
  return name
end

local entities = { amp = "&", lt = "<", gt = ">", quot = '"', ["#39"] = "'" }

--- A function from a link in NOTE's text to the attachment it means, or nil. The link may be as it stands in HTML.
---@param note table
---@return fun(url: string): table?
function attachments.of(note)
  local by_name
  return function(url)
    if not by_name then
      by_name = {}
      for _, entry in ipairs(note.attachments or {}) do
        if entry.name and entry.sha256 then
          by_name[entry.name] = entry
        end
      end
    end
    if next(by_name) == nil then
      return nil
    end
    local name = attachments.name((gsub(url, "&(#?%w+);", entities)))
    return name and by_name[name]
  end
end

local pictures = { ["image/png"] = "png", ["image/jpeg"] = "jpg", ["image/gif"] = "gif", ["image/webp"] = "webp",
  ["image/avif"] = "avif" }
local others = { ["application/pdf"] = "pdf", ["text/plain"] = "txt", ["text/csv"] = "csv", ["audio/mpeg"] = "mp3",
  ["video/mp4"] = "mp4", ["application/zip"] = "zip" }

--- Whether a page may show it: pictures of pixels, nothing that could hold a script.
---@param entry table
---@return boolean
function attachments.is_picture(entry)
  return pictures[entry.mime or ""] ~= nil
end

--- Its place in a folder of pages, or nil where it is nothing to be put on the web.
---@param entry table
---@return string?
function attachments.place(entry)
  local extension = pictures[entry.mime or ""] or others[entry.mime or ""]
  return extension and ("files/%s.%s"):format(entry.sha256:sub(1, 24), extension)
end

local letters = {}
for i = 0, 63 do
  letters[i] = ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"):sub(i + 1, i + 1)
end

local function base64(s)
  local out, n = {}, 0
  for i = 1, #s - 2, 3 do
    local a, b, c = s:byte(i, i + 2)
    out[n + 1], out[n + 2] = letters[a >> 2], letters[(a & 3) << 4 | b >> 4]
    out[n + 3], out[n + 4] = letters[(b & 15) << 2 | c >> 6], letters[c & 63]
    n = n + 4
  end
  local rest = #s % 3
  if rest > 0 then
    local a, b = s:byte(#s - rest + 1, #s)
    b = b or 0
    out[n + 1], out[n + 2] = letters[a >> 2], letters[(a & 3) << 4 | b >> 4]
    out[n + 3], out[n + 4] = rest == 2 and letters[(b & 15) << 2] or "=", "="
  end
  return table.concat(out)
end

--- A picture as an address that holds it, "data:image/png;base64,..."; nil where it is none, or larger than 2 MiB.
---@param entry table
---@return string?
function attachments.inline(entry)
  if not attachments.is_picture(entry) or (entry.bytes or 0) > INLINE then
    return nil
  end
  local pieces = {}
  for piece in require("lectern.notes").content(entry.sha256) do
    pieces[#pieces + 1] = piece
  end
  return "data:" .. entry.mime .. ";base64," .. base64(table.concat(pieces))
end

--- NAME beside a file in FOLDER ("" or "a/b"), as a path below the export; nil where an export cannot have it.
---@param folder string
---@param name string
---@return string?
function attachments.beside(folder, name)
  local parts = {}
  for part in (folder .. "/" .. name):gmatch "[^/]+" do
    if part == ".." then
      if #parts == 0 then
        return nil
      end
      parts[#parts] = nil
    elseif part ~= "." then
      parts[#parts + 1] = part
    end
  end
  for _, part in ipairs(parts) do
    if part:sub(1, 1) == "." then
      return nil
    end
  end
  local path = table.concat(parts, "/")
  return #parts >= 1 and #parts <= 4 and #path <= 255 and path or nil
end

return attachments
