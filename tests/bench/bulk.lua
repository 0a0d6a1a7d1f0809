-- The plugin that scripts/bench calls to time summaries where they are made, in the compartment.
local lectern = require "lectern"
require "lectern.rank"
local t = lectern.types

lectern.plugin { name = "bulk", version = "1.0.0", api = 1, doc = "Summaries to measure", needs = { "notes.read" } }

-- So many bytes of the store's notes, one after the other, without their headings.
local function text_of(bytes)
    local parts, n = {}, 0
    for note in lectern.notes.each { type = "note", body = true } do
        local body = note.body:gsub("#+ [^\n]*\n+", "")
        parts[#parts + 1] = body
        n = n + #body + 2
        if n >= bytes then break end
    end
    return table.concat(parts, "\n\n"):sub(1, bytes):gsub("%S*$", "")
end

lectern.command "bulk.text" {
    doc = "What bulk.summary reads",
    args = { { "bytes", t.int { min = 1 } } },
    returns = "text",
    run = function(args) return (text_of(args.bytes)) end,
}

-- gist costs as lead does here but for one product of two rows of numbers: all features are always counted.
local methods = {
    gist = function(doc) return doc:scores { position = -0.5, central = 1, cover = 1 } end,
    textrank = function(doc) return doc:textrank() end,
    lexrank = function(doc) return doc:lexrank() end,
}

lectern.command "bulk.summary" {
    doc = "Microseconds for one summary of three sentences: the middle of eleven means of so many",
    args = { { "method", t.enum { "gist", "textrank", "lexrank" } }, { "bytes", t.int { min = 1 } }, { "rounds", t.int { min = 1 } } },
    returns = "number",
    run = function(args)
        local note, method = { body = (text_of(args.bytes)), title = "Kernels" }, methods[args.method]
        local function once()
            local doc = lectern.summary.read(note)
            return lectern.summary.pick(doc, note.body, method(doc), 3)
        end
        assert(#once() == 3)
        local means = {}
        for i = 1, 11 do
            local start = lectern.now()
            for _ = 1, args.rounds do once() end
            means[i] = (lectern.now() - start) * 1000 / args.rounds
        end
        table.sort(means)
        return means[6]
    end,
}
