--- The job a call belongs to: what a person sees and is asked, what streams out.

local _, host = ...

local BATCH_ITEMS <const> = 256
local BATCH_BYTES <const> = 64 * 1024
local BATCH_MS <const> = 100
local STDIN_MAX <const> = 16 * 1024 * 1024

---@class lectern.job
---@field id string
---@field width integer columns of the terminal
---@field color boolean
---@field tty boolean[] whether stdin, stdout, stderr are terminals
---@field dry_run boolean
---@field cwd string
---@field interactive boolean
local Job = {
  id = "", width = 80, color = false, tty = { false, false, false }, dry_run = false, cwd = "/", interactive = false,
}
Job.__index = Job
Job.__name = "lectern.job"
Job.__metatable = false

-- What a plugin should not touch, by job; made when it is needed, because most calls only return.
local private = setmetatable({}, { __mode = "k" })

local function state_of(job)
  local state = private[job]
  if not state then
    state = { batch = host.batch(), since = 0, pieces = {}, bytes = 0 }
    private[job] = state
  end
  return state
end

--- The job that the host describes in PARAMS.
---@return lectern.job
function Job.new(params)
  return setmetatable(params.job or {}, Job)
end

local function flush_items(state)
  if state.batch:count() > 0 then
    host.request("job.emit", { items = state.batch })
    state.batch:clear()
  end
end

local function flush_text(state)
  if state.bytes > 0 then
    local text = table.concat(state.pieces)
    state.pieces, state.bytes = {}, 0
    host.request("job.write", { text = text })
  end
end

local function flush(job)
  local state = private[job]
  if state then
    flush_items(state)
    flush_text(state)
  end
end

--- Hand over one result of a command, or one record of an importer. Results stream in groups.
---@param item any
function Job:emit(item)
  local state = state_of(self)
  local count, bytes = state.batch:add(item)
  if count == 1 then
    state.since = host.now()
  end
  if count >= BATCH_ITEMS or bytes >= BATCH_BYTES or (count > 1 and host.now() - state.since > BATCH_MS) then
    flush_items(state)
  end
end

--- Write to stdout; only in commands that return "text".
---@param text string|number
function Job:write(text)
  local state = state_of(self)
  text = tostring(text)
  state.pieces[#state.pieces + 1] = text
  state.bytes = state.bytes + #text
  if state.bytes >= BATCH_BYTES then
    flush_text(state)
  end
end

--- Show how far the job is.
---@param done number
---@param total number?
---@param text string?
function Job:progress(done, total, text)
  host.progress(done, total, text)
end

--- A line for the log: level "debug", "info", "warn" or "error", then anything.
---@param level string
---@param ... any
function Job:log(level, ...)
  local pieces = table.pack(...)
  for i = 1, pieces.n do
    pieces[i] = tostring(pieces[i])
  end
  host.log(level, table.concat(pieces, " "))
end

--- Tell the person that something is not as it should be; the job goes on.
---@param text string
---@param where { line: integer? }?
function Job:warn(text, where)
  host.log("warn", tostring(text), where and where.line)
end

--- Ask the person; nil where there is no terminal.
---@param question { text: string, choices: string[]?, default: string? }
---@return string?
function Job:ask(question)
  flush(self)
  if type(question) == "string" then
    question = { text = question }
  end
  return host.question("job.ask", question)
end

--- Let the person change TEXT in their editor; NAME is what the file is called.
---@param text string
---@param name string?
---@return string
function Job:edit(text, name)
  flush(self)
  return host.question("job.edit", { text = text, name = name })
end

--- Let the person change the file that an object was imported from, in their editor, at its line. It may be imported
--- then. Nil where there is nobody to edit it.
---@param id string|table
---@return { path: string, line: integer?, importer: string }?
function Job:edit_source(id)
  flush(self)
  return host.question("job.edit_source", { id = type(id) == "table" and id.id or id })
end

--- With MAX: the next bytes of standard input, nil at its end. Without: all that is left of it.
---@param max integer?
---@return string?
function Job:stdin(max)
  if max then
    return host.question("job.stdin", { max = max })
  end
  local pieces, bytes = {}, 0
  for piece in function() return host.question("job.stdin", {}) end do
    pieces[#pieces + 1] = piece
    bytes = bytes + #piece
    if bytes > STDIN_MAX then
      error(host.error("E_DATA", "standard input is larger than 16 MiB"), 0)
    end
  end
  return table.concat(pieces)
end

--- Open an http or https address in the person's browser; nil where there is no person.
---@param url string
---@return { status: integer }?
function Job:open(url)
  return host.question("job.open", { url = url })
end

--- A file that the person named on the command line, at most 16 MiB; raises E_DENIED for any other.
---@param path string absolute, as the argument has it
---@return string
function Job:read(path)
  return host.question("job.read", { path = path })
end

--- Write a file that the person named to be written, whole or not at all, in a dry run too; raises E_DENIED for any
--- other, E_OUTPUT where another text is there already and `replace` does not say that it may go.
---@param path string absolute, as the argument has it
---@param text string
---@param options { replace: boolean? }?
function Job:save(path, text, options)
  return host.question("job.save", { path = path, text = text, replace = options and options.replace })
end

--- Write what was collected so far, now; it can be undone together with the rest.
---@return { run: string, operations: table[] }
function Job:commit()
  flush(self)
  return host.question("job.commit", {})
end

--- The exit status beside the value that the command returns: 1 says that the answer is no.
---@param status integer 0 to 255
function Job:exit(status)
  if math.type(status) ~= "integer" or status < 0 or status > 255 then
    error(host.error("E_PLUGIN", "job:exit takes a status from 0 to 255"), 0)
  end
  state_of(self).exit = status
end

--- What job:exit was told. For the runtime.
function Job:status()
  local state = private[self]
  return state and state.exit
end

--- What was emitted and has not been sent: it goes with the answer. For the runtime.
function Job:unsent()
  local state = state_of(self)
  flush_text(state)
  return state.batch
end

--- Send what was emitted and written so far; a call that ends, fails or sleeps does so by itself.
function Job:flush()
  flush(self)
end

function Job:__close(failure)
  if failure ~= nil then
    pcall(flush, self)
  end
end

return Job
