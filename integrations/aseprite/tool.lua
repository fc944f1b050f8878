-- The command line tool: its arguments, its quoting, its temporary folder.
-- Knows nothing of sprites.

local tool = {}

local function windows()
  return app.fs.pathSeparator == "\\"
end

tool.PYTHON = windows() and "python" or "python3" -- what runs the package by default

-- One argument as the shell takes it, whatever is in it; an error if that cannot be.
function tool.quoted(argument)
  if argument:find("[\0\r\n]") then
    error("a name with a line break cannot be given to a command", 0)
  end
  if not windows() then
    return "'" .. argument:gsub("'", "'\\''") .. "'"
  end
  -- cmd.exe replaces %NAME% also between quotes, and knows no way around that.
  if argument:find('"') or argument:find("%%[^%%]+%%") then
    error("on Windows, a name with \" or two % cannot be given to a command: " .. argument, 0)
  end
  return '"' .. argument:gsub("(\\+)$", "%1%1") .. '"'
end

-- The whole line: what is printed goes to the file `log`.
function tool.line(arguments, log)
  local parts = {}
  for _, argument in ipairs(arguments) do
    parts[#parts + 1] = tool.quoted(argument)
  end
  local line = table.concat(parts, " ") .. " > " .. tool.quoted(log) .. " 2>&1"
  return windows() and '"' .. line .. '"' or line -- cmd.exe takes the outermost quotes away
end

-- A new folder for one run; the caller removes it.
function tool.folder()
  math.randomseed(os.time(), math.floor(os.clock() * 1e6))
  for _ = 1, 100 do
    local name = string.format("pixelization-%016x", math.random(0))
    local path = app.fs.joinPath(app.fs.tempPath, name)
    if not app.fs.isDirectory(path) and not app.fs.isFile(path) then
      app.fs.makeDirectory(path)
      return path
    end
  end
  error("no temporary folder can be made in " .. app.fs.tempPath, 0)
end

function tool.remove(folder)
  if not os.remove then -- Aseprite before 1.3
    return
  end
  for _, name in pairs(app.fs.listFiles(folder)) do
    os.remove(app.fs.joinPath(folder, name))
  end
  app.fs.removeDirectory(folder)
end

-- Run the tool. `wanted` is a file that is there afterwards if all went well: os.execute tells
-- nothing reliable before Aseprite 1.3.7. Otherwise an error with the tool's own words.
function tool.run(python, arguments, folder, wanted)
  local whole = { python, "-m", "pixelization" }
  table.move(arguments, 1, #arguments, #whole + 1, whole)
  local log = app.fs.joinPath(folder, "log.txt")
  os.execute(tool.line(whole, log))
  if app.fs.isFile(wanted) then
    return
  end
  local said = ""
  local file = io.open(log, "r")
  if file then
    said = file:read("a"):gsub("%s+$", "")
    file:close()
  end
  local reason = said:match("error: ([^\n]*)$") or said:match("([^\n]*)$")
  local prefix = arguments[2] .. ": " -- a temporary file, which says nothing to anybody
  if reason:sub(1, #prefix) == prefix then
    reason = reason:sub(#prefix + 1)
  end
  if not said:find("error: ") then
    reason = "the tool cannot be run: is Python right in the settings, and the package installed? "
      .. reason
  end
  error(reason, 0)
end

local function colors(arguments, settings, palette)
  if settings.colors_from == "the sprite's palette" then
    table.move({ "--palette", palette }, 1, 2, #arguments + 1, arguments)
  elseif settings.colors_from == "so many of its own" then
    local count = tostring(math.floor(settings.colors))
    table.move({ "--colors", count }, 1, 2, #arguments + 1, arguments)
  else
    return
  end
  table.move({ "--dither", settings.dither }, 1, 2, #arguments + 1, arguments)
end

-- The arguments of each command, made of the dialog's settings. `files`: input, output, palette.

function tool.pixelize(settings, files)
  local arguments = { "pixelize", files.input, "-o", files.output, "--quiet" }
  local size = math.floor(settings.size)
  local text = settings.along == "longer side" and "max:" .. size or tostring(size)
  local offset = settings.right .. "x" .. settings.down
  local more = { "--size", text, "--offset", offset, "--outline", settings.outline }
  table.move(more, 1, #more, #arguments + 1, arguments)
  colors(arguments, settings, files.palette)
  if settings.remove_background then
    arguments[#arguments + 1] = "--remove-background"
  end
  return arguments
end

function tool.snap(settings, files)
  local arguments = { "snap", files.input, "-o", files.output, "--quiet" }
  colors(arguments, settings, files.palette)
  if settings.best_guess then
    arguments[#arguments + 1] = "--best-guess"
  end
  return arguments
end

function tool.depixelize(settings, files)
  local arguments = { "depixelize", files.input, "-o", files.output, "--quiet" }
  local factor = tostring(math.floor(settings.factor))
  table.move({ "--factor", factor, "--method", settings.method }, 1, 4, #arguments + 1, arguments)
  if settings.native then
    arguments[#arguments + 1] = "--native"
  end
  return arguments
end

-- Cells of one pixel keep the picture as it is, so that no network is asked.
function tool.palette(settings, files)
  local count = tostring(math.floor(settings.colors))
  return {
    "pixelize", files.input, "-o", files.output, "--quiet",
    "--cell-size", "1", "--colors", count, "--palette-out", files.palette,
  }
end

return tool
