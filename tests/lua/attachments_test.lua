--- lectern.attachments: what links mean, and where files of an export lie.

local test = require "testing"
local attachments = require "lectern.attachments"

for url, name in pairs {
  ["fig/a.png"] = "fig/a.png", ["./a.png"] = "a.png", ["a%20b.png"] = "a b.png", ["a.png?raw#top"] = "a.png",
  ["../x/a.png"] = "../x/a.png", ["caf%C3%A9.png"] = "café.png",
} do
  test("a file beside the text: " .. url, function() test.equal(attachments.name(url), name) end)
end

for _, url in ipairs { "", "#top", "?q", "/etc/passwd", "~/x", "\\\\host\\x", "http://x/a.png", "C:\\x.png", "mailto:a@b", "dir/",
  "a%00b", "a%0Ab", "%FF.png", "//host/x.png", ("a"):rep(2000) } do
  test("no file beside the text: " .. url:sub(1, 20), function() test.equal(attachments.name(url), nil) end)
end

test("a link as HTML has it is that of the text", function()
  local meant = attachments.of { attachments = { { name = "a&b 1.png", sha256 = "00" }, { name = "no content" } } }
  test.equal(meant("a&amp;b%201.png").sha256, "00")
  test.equal(meant "no%20content", nil)
  test.equal(meant "a", nil)
end)

for _, case in ipairs {
  { "", "a.png", "a.png" }, { "x/y", "../a.png", "x/a.png" }, { "x", "../../a.png", nil }, { "", "../a.png", nil },
  { "", ".hidden/a.png", nil }, { "a/b/c", "d/e.png", nil }, { "a", "./b/../c.png", "a/c.png" },
} do
  test(("%s beside a file in '%s'"):format(case[2], case[1]), function()
    test.equal(attachments.beside(case[1], case[2]), case[3])
  end)
end

test("only what cannot hold a script is shown, and only known kinds are put on the web", function()
  local sha = ("0123456789abcdef"):rep(4)
  test.equal(attachments.is_picture { mime = "image/png" }, true)
  test.equal(attachments.is_picture { mime = "image/svg+xml" }, false)
  test.equal(attachments.place { mime = "image/svg+xml", sha256 = sha }, nil)
  test.equal(attachments.place { mime = "application/pdf", sha256 = sha }, "files/0123456789abcdef01234567.pdf")
  test.equal(attachments.inline { mime = "image/png", bytes = 3 * 1024 * 1024, sha256 = sha }, nil)
end)

return test.done()
