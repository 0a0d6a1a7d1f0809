-- Checks of the tree's text: one function a rule, each calls bad(file, line, why) for what breaks it.
--
-- usage: lua5.4 tests/repo/check.lua CHECK [ROOT]     prints what is wrong, a line each; status 1 if anything is
--        lua5.4 tests/repo/check.lua files [ROOT]     prints the files of the tree
-- What needs a compiler or the built programs is in tests/repo/build.bats.

local root = arg[2] or "."
local checks = {}
local found = 0

local function bad(file, line, why)
    found = found + 1
    print(("%s%s: %s"):format(file, line and ":" .. line or "", why))
end

local function lines_of(command)
    local list = {}
    local pipe = assert(io.popen(("cd '%s' && %s"):format(root, command)))
    for line in pipe:lines() do list[#list + 1] = line end
    pipe:close()
    return list
end

-- Files of the tree: what git knows and what it would add; outside a repository, whatever is there.
local function tree()
    local list = lines_of("[ -e .git ] && git ls-files -co --exclude-standard 2>/dev/null")
    if #list == 0 then
        list = lines_of("find . -name .git -prune -o -path ./build -prune -o -type f -print | sed 's,^[.]/,,'")
    end
    table.sort(list)
    return list
end
local all_files <const> = tree()

local function read(file)
    local handle = io.open(root .. "/" .. file, "rb")
    if not handle then return nil end
    local text = handle:read "a"
    handle:close()
    return text
end

-- Files whose path matches one of the patterns.
local function files(...)
    local list = {}
    for _, file in ipairs(all_files) do
        for _, pattern in ipairs { ... } do
            if file:find(pattern) and read(file) then
                list[#list + 1] = file
                break
            end
        end
    end
    return list
end

-- Each line of each of these files, for f(file, number, line).
local function each_line(list, f)
    for _, file in ipairs(list) do
        local number = 0
        for line in (read(file) .. "\n"):gmatch "(.-)\r?\n" do
            number = number + 1
            f(file, number, line)
        end
    end
end

local C <const> = "^core/.*%.[ch]$"
local function folder_of(file) return file:match "^core/([^/]+)/" end

-- For f(file, line, "<" or '"', name) each include of core/.
local function each_include(f)
    each_line(files(C), function(file, number, line)
        local kind, name = line:match '^%s*#%s*include%s*([<"])([^>"]+)[>"]'
        if kind then f(file, number, kind, name) end
    end)
end

local below <const> = {
    base = {},
    store = { base = true },
    host = { base = true, store = true },
    compartment = { base = true },
    client = { base = true },
}

function checks.arrows()
    each_include(function(file, number, kind, name)
        local from, to = folder_of(file), name:match "^([^/]+)/"
        if kind == "<" then return end
        if not below[from] then
            bad(file, number, "a folder of core/ that no rule knows")
        elseif not below[to] then
            bad(file, number, ("includes '%s'; paths start below core/"):format(name))
        elseif to ~= from and not below[from][to] then
            bad(file, number, ("core/%s must not include '%s'"):format(from, name))
        end
    end)
end

function checks.cycles()
    local includes, state = {}, {}
    each_include(function(file, _, kind, name)
        includes[file] = includes[file] or {}
        if kind == '"' then table.insert(includes[file], "core/" .. name) end
    end)
    local function walk(file, trail)
        if state[file] == "done" then return end
        if state[file] == "open" then return bad(file, nil, "include cycle: " .. trail .. " -> " .. file) end
        state[file] = "open"
        for _, name in ipairs(includes[file] or {}) do walk(name, trail .. " -> " .. file) end
        state[file] = "done"
    end
    for _, file in ipairs(files(C)) do walk(file, "") end
end

-- Where each third-party header may be included, and in how many files of a folder.
local rooms <const> = {
    { headers = { "uv.h" }, places = { "^core/host/", "^core/compartment/[^/]+$" }, most = 5 },
    { headers = { "sqlite3.h" }, places = { "^core/store/" } },
    { headers = { "zlib.h" }, places = { "^core/store/" } },
    { headers = { "lua.h", "lauxlib.h", "lualib.h" }, places = { "^core/compartment/" } },
    { headers = { "mpack.h" }, places = { "^core/base/msgpack%.c$" } },
    { headers = { "sha1.h", "sha2.h", "md5.h" }, places = { "^core/base/" }, most = 1 },
    { headers = { "cmark.h" }, places = { "^core/compartment/helpers/markdown" } },
    { headers = { "yaml.h" }, places = { "^core/compartment/helpers/yaml" } },
    { headers = { "seccomp.h" }, places = { "^core/compartment/[^/]+$" }, most = 1 },
}

function checks.rooms()
    local room_of, users = {}, {}
    for _, room in ipairs(rooms) do
        for _, header in ipairs(room.headers) do room_of[header] = room end
    end
    each_include(function(file, number, kind, name)
        local room = kind == "<" and room_of[name:match "[^/]+$"]
        if not room then return end
        local at_home = false
        for _, place in ipairs(room.places) do at_home = at_home or file:find(place) end
        if not at_home then return bad(file, number, ("<%s> outside its room"):format(name)) end
        local key = folder_of(file) .. " <" .. name .. ">"
        users[key] = (users[key] or 0) + 1
        if room.most and users[key] > room.most then
            bad(file, number, ("<%s> in more than %d files of this folder"):format(name, room.most))
        end
    end)
end

function checks.sizes()
    for _, file in ipairs(files(C, "^share/.*%.lua$", "^plugins/.*%.lua$")) do
        local _, lines = read(file):gsub("\n", "")
        if lines > 500 then bad(file, nil, lines .. " lines; 500 at most: is it still one idea?") end
    end
    local _, lines = (read "Makefile" or ""):gsub("\n", "")
    if lines >= 200 then bad("Makefile", nil, lines .. " lines; it has to stay under 200") end
end

function checks.openings()
    for _, file in ipairs(files(C)) do
        local text = read(file)
        if not text:find "^/%*" then bad(file, 1, "does not open with a comment that says what it is") end
        local name = file:match("[^/]+$"):gsub("%W", "_"):upper()
        local guard = text:match "#ifndef (LECTERN_[%w_]+)\n"
        if file:find "%.h$" and not (guard and guard:find(name .. "$") and text:find("#define " .. guard .. "\n", 1, true)) then
            bad(file, nil, "has no include guard LECTERN_..._" .. name)
        end
    end
end

function checks.blanks()
    each_line(files(C, "%.lua$", "^scripts/", "^tests/.*%.bats$", "^Makefile$", "^%.ci/"), function(file, number, line)
        if line:find "%s$" then bad(file, number, "blanks at the end of the line") end
        if file ~= "Makefile" and not file:find "^tests/cases/" and line:find "^ *\t" then
            bad(file, number, "indented by a tab")
        end
    end)
end

-- Written in pieces so that this file does not break its own rules.
local marks <const> = { "TO" .. "DO", "FIX" .. "ME", "X" .. "XX", "HA" .. "CK", "not imple" .. "mented", "unimple" .. "mented" }
local paths <const> = { "/" .. "root/", "/" .. "work/", "/" .. "farm/", "/tmp/" .. "bash" }

function checks.marks()
    local list = files(C, "^plugins/", "^share/", "^scripts/", "^tests/", "^Makefile$", "^config/", "^%.ci/")
    each_line(list, function(file, number, line)
        for _, mark in ipairs(marks) do
            if line:find("%f[%w_]" .. mark .. "%f[^%w_]") then bad(file, number, "unfinished: " .. mark) end
        end
    end)
end

function checks.paths()
    each_line(files "^[^%z]", function(file, number, line)
        if file:find "%.svg$" then return end
        for _, path in ipairs(paths) do
            if line:find(path, 1, true) then bad(file, number, "a path of one machine: " .. path) end
        end
    end)
end

function checks.documents()
    for _, file in ipairs { "README.md", "ARCHITECTURE.md", "HACKING.md", "CHANGELOG.md", "LICENSE" } do
        if not read(file) then bad(file, nil, "missing") end
    end
    for _, command in ipairs { "make run", "make test" } do
        if not (read "README.md" or ""):find(command, 1, true) then bad("README.md", nil, "does not show '" .. command .. "'") end
    end
    if not (read "CHANGELOG.md" or ""):lower():find("plugin api", 1, true) then
        bad("CHANGELOG.md", nil, "has no part about the plugin API")
    end
    if not (read ".ci/run" or ""):find("make test", 1, true) then bad(".ci/run", nil, "does not run 'make test'") end
end

-- HACKING.md names a file by its path (with or without core/ and extension), or by its name in backticks below a
-- heading with its folder: "## core/base" and then `buf`, `buf.c` or `buf.[ch]`.
function checks.map()
    local text = read "HACKING.md"
    if not text then return bad("HACKING.md", nil, "missing") end
    local named, folder = {}, nil
    for line in text:gmatch "[^\n]+" do
        if line:find "^#" then folder = (line:match "[%w_.-]+/[%w_./-]*" or ""):gsub("/$", "") end
        for word in line:gmatch "[%w_./%[%]-]+" do
            local stem = word:gsub("%.%[ch%]$", ""):gsub("%.%w+$", "")
            named[stem] = true
            named["core/" .. stem] = true
            if folder then named[folder .. "/" .. stem] = true end
        end
    end
    for _, file in ipairs(files("^core/", "^share/lectern/lua/", "^scripts/")) do
        if not named[file:gsub("%.%w+$", "")] then bad("HACKING.md", nil, "does not name " .. file) end
    end
end

-- What plugins may ask of the host: the tables of core/host/api_*.c and the one in ARCHITECTURE.md, names and needs.
function checks.primitives()
    local coded, told = {}, {}
    each_line(files "^core/host/api_.*%.c$", function(_, _, line)
        local name, need = line:match '^%s*{"([%l.]+)", "?([%u%l.]+)"?, '
        if name then coded[name] = need end
    end)
    local section = (read "ARCHITECTURE.md" or ""):match "\n###[^\n]*primitives[^\n]*\n(.-)\n##" or ""
    for names, need in section:gmatch "\n|(.-)|[^\n]*|([^|\n]*)|%f[\n%z]" do
        for name in names:gmatch "`([%l.]+)`" do told[name] = need:match "^%s*([%l.]*)" end
    end
    for name, need in pairs(coded) do
        if not told[name] then
            bad("ARCHITECTURE.md", nil, "does not list the primitive " .. name)
        elseif (need == "NULL" and "" or need) ~= told[name] then
            bad("ARCHITECTURE.md", nil, ("says that %s needs '%s'; the host asks for %s"):format(name, told[name], need))
        end
    end
    for name in pairs(told) do
        if not coded[name] then bad("ARCHITECTURE.md", nil, "lists a primitive that is not there: " .. name) end
    end
end

function checks.plugins()
    local seen = {}
    for _, file in ipairs(files "^plugins/[^/]+/") do
        local folder = file:match "^plugins/[^/]+"
        if not seen[folder] then
            seen[folder] = true
            for _, part in ipairs { "init.lua", "README.md" } do
                if not read(folder .. "/" .. part) then bad(folder .. "/" .. part, nil, "missing") end
            end
        end
    end
end

-- The report importer reads texts that it has never seen: nothing of those that it is measured with may stand in the
-- programs. Titles, names and systems anywhere in them, events in the importer itself.
function checks.unseen()
    local json = dofile((arg[0]:match "^(.*)/" or ".") .. "/../cases/report/json.lua")
    local terms, events = {}, {}
    local function term(list, s)
        if type(s) ~= "string" then return end
        if s:find " " and #s >= 8 or s:find "^[%w-]+$" and #s >= 5 then list[s] = true end
    end
    for _, file in ipairs(files "^tests/cases/report/seed%-[^/]*%.json$") do
        local key = json.read(read(file))
        for _, class in ipairs { "posts", "talks", "papers", "mentions" } do
            for _, item in ipairs(key[class] or {}) do
                local event = item.event ~= json.null and item.event
                if event then events[event.name] = true end
                if class ~= "posts" then
                    term(terms, item.title)
                    term(terms, item.title:match "^(.-):%s" or item.title:match "^(.-) %-%- ")
                    for _, speaker in ipairs(item.speakers) do term(terms, speaker.name) end
                end
            end
        end
        for _, name in ipairs(key.people or {}) do term(terms, name) end
    end
    local function look(list, where)
        each_line(where, function(file, number, line)
            for s in pairs(list) do
                local plain = "%f[%w]" .. s:gsub("%p", "%%%0") .. "%f[%W]"
                if line:find(s, 1, true) and line:find(plain) then bad(file, number, "knows a text it is measured with: " .. s) end
            end
        end)
    end
    look(terms, files("^plugins/", "^share/", "^core/"))
    look(events, files "^plugins/report/")
end

if arg[1] == "files" then
    for _, file in ipairs(files "^[^%z]") do print(file) end
elseif checks[arg[1]] then
    checks[arg[1]]()
else
    io.stderr:write("usage: lua5.4 tests/repo/check.lua CHECK|files [ROOT]\n")
    os.exit(64)
end
os.exit(found == 0)
