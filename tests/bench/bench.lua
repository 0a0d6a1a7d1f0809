-- The plugin that scripts/bench calls: commands that do next to nothing, and commands that misbehave.
local lectern = require "lectern"

lectern.plugin { name = "bench", version = "1.0.0", api = 1, doc = "Commands to measure", needs = { "notes.read" } }

lectern.command "bench.sum" {
    doc = "One and one",
    args = {},
    returns = "int",
    run = function() return 1 + 1 end,
}

lectern.command "bench.newest" {
    doc = "How many notes a search for one note finds: the least a command can ask of the store",
    args = {},
    returns = "int",
    run = function() return #lectern.notes.find { type = "note", limit = 1 } end,
}

lectern.command "bench.spin" {
    doc = "A loop without end",
    args = {},
    returns = "int",
    run = function()
        local n = 0
        while true do n = n + 1 end
    end,
}

lectern.command "bench.match" {
    doc = "One pattern match that would take years and never comes back to Lua",
    args = {},
    returns = "int",
    run = function() return ("a"):rep(2000):find((".-"):rep(20) .. "b") end,
}

lectern.command "bench.flood" {
    doc = "Log lines of 64 KiB, as fast as they go",
    args = {},
    returns = "int",
    run = function(_, job)
        local line = ("x"):rep(64 * 1024)
        while true do job:log("debug", line) end
    end,
}
