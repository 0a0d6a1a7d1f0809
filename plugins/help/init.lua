-- What there is and how it is used, asked of the running instance.

local lectern = require "lectern"
local t = lectern.types

lectern.plugin { name = "help", version = "0.1.0", api = 1, doc = "Help, apropos, describe" }

lectern.command "help" {
  doc = "How to use lectern, or one command.",
  args = { { "name", t.list(t.string()), required = false, doc = "a command: list, daemon status ..." } },
  returns = "text", pager = true,
  examples = { "help", "help import" },
  run = function(args, job)
    local name = args.name and #args.name > 0 and table.concat(args.name, ".") or nil
    return lectern.host.help(name, job.width)
  end,
}

lectern.command "apropos" {
  doc = "Everything whose name or description mentions a word.",
  args = { { "word", t.string(), doc = "what to look for" } },
  returns = "describe[]", columns = { "kind", "name", "doc" },
  examples = { "apropos markdown" },
  run = function(args, job)
    local found = lectern.host.apropos(args.word)
    if #found == 0 then job:exit(1) end
    return found, #found == 0 and job.tty[2] and ("nothing mentions '%s'"):format(args.word) or nil
  end,
}

lectern.command "describe" {
  doc = "One command, importer, exporter or summariser in full: where it comes from, what it takes and returns.",
  args = { { "name", t.string(), doc = "NAME or KIND:NAME, such as importer:markdown" } },
  returns = "describe[]", pager = true,
  examples = { "describe importer:markdown", "describe list --json" },
  run = function(args) return lectern.host.describe(args.name) end,
}
