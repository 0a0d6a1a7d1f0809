-- Runs a transcript and prints where what happened differs from it.
--
--     # a comment, where output could not stand
--     $ command                 run by bash, in this folder; what follows is its output, stdout and stderr together
--     > its next line           a command goes on
--     a line of output          must come so
--     (re) ^made [0-9]+$        must match this extended regular expression
--     ...                       any lines, or none
--     [65]                      the exit status, where it is not 0

local file = assert(arg[1], "usage: transcript.lua FILE")

local steps, step = {}, nil
for line in io.lines(file) do
  local command, more = line:match "^%$ (.*)$", line:match "^> (.*)$"
  if command then
    step = { command = command, wanted = {} }
    steps[#steps + 1] = step
  elseif step and more and #step.wanted == 0 then
    step.command = step.command .. "\n" .. more
  elseif step and not line:find "^# " and line ~= "#" then
    step.wanted[#step.wanted + 1] = line
  end
end

local function shell(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local function run(command)
  local pipe = assert(io.popen("bash -c " .. shell(command) .. " 2>&1 </dev/null; printf '\\n[%d]' $?"))
  local text = pipe:read "a"
  pipe:close()
  local body, status = text:match "^(.*)\n%[(%d+)%]$"
  local lines = {}
  for line in (body:gsub("\n$", "") .. "\n"):gmatch "([^\n]*)\n" do lines[#lines + 1] = line end
  if body == "" then lines = {} end
  if status ~= "0" then lines[#lines + 1] = "[" .. status .. "]" end
  return lines
end

local function grep(pattern, line)
  return os.execute("printf '%s' " .. shell(line) .. " | grep -Eq -- " .. shell(pattern)) == true
end

local function fits(wanted, line)
  local pattern = wanted:match "^%(re%) (.*)$"
  if pattern then return grep(pattern, line) end
  return wanted == line
end

-- Whether LINES from I on are what WANTED from K on says; "..." may stand for any number of lines.
local function matches(wanted, k, lines, i)
  while wanted[k] do
    if wanted[k] == "..." then
      for at = i, #lines + 1 do
        if matches(wanted, k + 1, lines, at) then return true end
      end
      return false
    end
    if lines[i] == nil or not fits(wanted[k], lines[i]) then return false end
    k, i = k + 1, i + 1
  end
  return lines[i] == nil
end

local bad = false
for _, s in ipairs(steps) do
  while s.wanted[#s.wanted] == "" do s.wanted[#s.wanted] = nil end
  local lines = run(s.command)
  while lines[#lines] == "" do lines[#lines] = nil end
  if not matches(s.wanted, 1, lines, 1) then
    bad = true
    print("$ " .. s.command)
    for _, line in ipairs(s.wanted) do print("- " .. line) end
    for _, line in ipairs(lines) do print("+ " .. line) end
  end
end
if #steps == 0 then
  print("no command in " .. file)
  bad = true
end
os.exit(not bad)
