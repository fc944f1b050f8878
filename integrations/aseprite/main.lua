-- Pixelization for Aseprite: menu and dialogs. The work is done by the command line tool
-- (tool.lua), and what it makes is put into sprites (pictures.lua).

local OLDEST = 22 -- app.apiVersion of Aseprite 1.3
local MENU = "pixelization"
local METHODS = { "depixelnet", "epx", "hqx", "xbr", "bicubic", "nearest" }
local DITHERS = {
  "none", "bayer2", "bayer4", "bayer8", "floyd-steinberg", "atkinson", "blue-noise",
}
local QUARTERS = { "0", "0.25", "0.5", "0.75" } -- of a cell
local PICTURES = { "png", "jpg", "jpeg", "webp", "gif", "bmp", "aseprite" }

local function of(id, label, value, options)
  return { kind = "combobox", id = id, label = label, value = value, options = options }
end

local function number(id, label, value)
  return { kind = "number", id = id, label = label, value = value }
end

local function check(id, text)
  return { kind = "check", id = id, text = text, value = false }
end

local SOURCE = {
  of("what", "Of", "sprite", { "sprite", "layer" }),
  of("frames", "Frames", "this one", { "this one", "all" }),
}

local COLORS = {
  of("colors_from", "Colours", "as they are",
    { "as they are", "the sprite's palette", "so many of its own" }),
  number("colors", "So many", 16),
  of("dither", "Dither", "none", DITHERS),
}

local function result(default)
  return of("result", "Result", default, { "new layer", "new sprite" })
end

-- Fields of a dialog, in their order.
local function joined(...)
  local fields = {}
  for _, part in ipairs({ ... }) do
    for _, field in ipairs(part.kind and { part } or part) do
      fields[#fields + 1] = field
    end
  end
  return fields
end

local COMMANDS = {
  {
    name = "pixelize", title = "Pixelize", layer = "Pixelized",
    fields = joined(SOURCE, number("size", "Cells", 64),
      of("along", "Along the", "longer side", { "longer side", "width" }),
      of("right", "Grid begins right", "0", QUARTERS), of("down", "and down", "0", QUARTERS),
      COLORS, check("remove_background", "Remove the background"),
      of("outline", "Outline", "none", { "none", "outside", "inside" }), result("new layer")),
  },
  {
    name = "snap", title = "Snap to Pixels", layer = "Snapped",
    fields = joined(SOURCE, COLORS, check("best_guess", "Take the best guess of the grid"),
      result("new layer")),
  },
  {
    name = "depixelize", title = "Depixelize", layer = "Depixelized",
    fields = joined(SOURCE, number("factor", "Pixels per cell", 4),
      of("method", "Drawn by", "depixelnet", METHODS),
      { kind = "check", id = "native", text = "One pixel per cell already", value = true },
      result("new sprite")),
  },
}

-- Show a dialog whose fields begin as they were left; nil if it is cancelled.
local function ask(title, fields, preferences, name)
  local before = preferences[name] or {}
  local dialog = Dialog(title)
  for _, field in ipairs(fields) do
    local value = before[field.id]
    if value == nil then
      value = field.value
    end
    if field.kind == "combobox" then
      dialog:combobox {
        id = field.id, label = field.label, option = value, options = field.options,
      }
    elseif field.kind == "number" then
      dialog:number { id = field.id, label = field.label, text = tostring(value), decimals = 0 }
    elseif field.kind == "check" then
      dialog:check { id = field.id, text = field.text, selected = value }
    elseif field.kind == "file" then
      dialog:file {
        id = field.id, label = field.label, open = true, filename = value, filetypes = PICTURES,
      }
    else
      dialog:entry { id = field.id, label = field.label, text = value }
    end
  end
  dialog:button { id = "ok", text = "&OK", focus = true }
  dialog:button { id = "cancel", text = "&Cancel" }
  dialog:show()
  if not dialog.data.ok then
    return nil
  end
  local settings = {}
  for _, field in ipairs(fields) do
    settings[field.id] = dialog.data[field.id]
  end
  preferences[name] = settings
  return settings
end

-- Do something with a temporary folder, which is gone afterwards, also after an error; an error is
-- told to the user.
local function with_folder(tool, work)
  local fine, problem = pcall(function()
    local folder = tool.folder()
    local done, trouble = pcall(work, folder)
    tool.remove(folder)
    if not done then
      error(trouble, 0)
    end
  end)
  if not fine then
    app.alert { title = "Pixelization", text = tostring(problem) }
  end
end

local function make(plugin, tool, pictures, command)
  local sprite = app.sprite
  local settings = ask(command.title, command.fields, plugin.preferences, command.name)
  if not sprite or not settings then
    return
  end
  with_folder(tool, function(folder)
    local function inside(name)
      return app.fs.joinPath(folder, name)
    end
    local numbers = pictures.frames(sprite, settings.frames == "all")
    local several = #numbers > 1
    for place, frame in ipairs(numbers) do
      local image = pictures.image(sprite, frame, settings.what == "layer")
      local name = several and string.format("in_%04d.png", place) or "in.png"
      pictures.save(image, sprite, inside(name))
    end
    local files = {
      input = inside(several and "in_%04d.png" or "in.png"),
      output = inside(several and "out_%04d.png" or "out.png"),
      palette = inside("palette.gpl"),
    }
    local target = settings.colors_from == "the sprite's palette"
    if target then
      pictures.save_palette(sprite, files.palette)
    end
    local wanted = several and string.format("out_%04d.png", #numbers) or "out.png"
    tool.run(plugin.preferences.python or tool.PYTHON, tool[command.name](settings, files), folder,
      inside(wanted))
    local images = {}
    for place in ipairs(numbers) do
      images[place] = Image {
        fromFile = inside(several and string.format("out_%04d.png", place) or "out.png"),
      }
    end
    if settings.result == "new sprite" then
      local palette = target and sprite.palettes[1] or nil
      pictures.as_sprite(sprite, command.layer, images, numbers, palette)
    else
      pictures.as_layer(sprite, command.layer, images, numbers)
    end
    app.refresh()
  end)
end

local function palette_from_image(plugin, tool, pictures)
  local sprite = app.sprite
  local fields = {
    { kind = "file", id = "file", label = "Picture", value = "" },
    number("colors", "Colours", 16),
  }
  local settings = ask("Palette from Image", fields, plugin.preferences, "palette")
  if not sprite or not settings then
    return
  end
  with_folder(tool, function(folder)
    local files = {
      input = settings.file,
      output = app.fs.joinPath(folder, "out.png"),
      palette = app.fs.joinPath(folder, "palette.gpl"),
    }
    if not app.fs.isFile(files.input) then
      error("choose a picture to take the colours from", 0)
    end
    tool.run(plugin.preferences.python or tool.PYTHON, tool.palette(settings, files), folder,
      files.palette)
    pictures.set_palette(sprite, files.palette)
    app.refresh()
  end)
end

local function settings_of_tool(plugin, tool)
  local python = plugin.preferences.python or tool.PYTHON
  local fields = { { kind = "entry", id = "python", label = "Python", value = python } }
  local found = ask("Pixelization", fields, {}, "settings")
  if found and found.python ~= "" then
    plugin.preferences.python = found.python
  end
end

function init(plugin)
  if (app.apiVersion or 0) < OLDEST then
    return app.alert("Pixelization needs Aseprite 1.3 or later")
  end
  local tool = dofile(app.fs.joinPath(plugin.path, "tool.lua"))
  local pictures = dofile(app.fs.joinPath(plugin.path, "pictures.lua"))
  local function has_sprite()
    return app.sprite ~= nil
  end
  plugin:newMenuGroup { id = MENU, title = "Pixelization", group = "sprite_crop" }
  for _, command in ipairs(COMMANDS) do
    plugin:newCommand {
      id = "Pixelization" .. command.name, title = command.title .. "...", group = MENU,
      onclick = function() make(plugin, tool, pictures, command) end, onenabled = has_sprite,
    }
  end
  plugin:newCommand {
    id = "PixelizationPalette", title = "Palette from Image...", group = MENU,
    onclick = function() palette_from_image(plugin, tool, pictures) end, onenabled = has_sprite,
  }
  plugin:newCommand {
    id = "PixelizationSettings", title = "Settings...", group = MENU,
    onclick = function() settings_of_tool(plugin, tool) end,
  }
end

function exit(plugin)
end
