-- As much of Aseprite's scripting interface as the extension touches, after aseprite.org/api.
-- `host` brings what Lua has not: PNG files and folders. What changes a sprite is one step to undo,
-- or all of a transaction is one; `undo` lists them.

local undo, inside = {}, false
local told, dialogs = {}, {}

local function changed(what)
  if not inside then
    undo[#undo + 1] = { what }
  else
    table.insert(undo[#undo], what)
  end
end

ColorMode = { RGB = 0, GRAY = 1, INDEXED = 2 }

function Point(x, y)
  return { x = x, y = y }
end

function Color(fields)
  return { red = fields.r, green = fields.g, blue = fields.b, alpha = fields.a or 255 }
end

function ImageSpec(other)
  return {
    width = other.width, height = other.height, colorMode = other.colorMode,
    transparentColor = other.transparentColor,
  }
end

-- Palettes

local palettes = {}
palettes.__index = palettes
palettes.__len = function(palette) return palette.count end

function Palette(given)
  local palette = setmetatable({ count = given, colors = {} }, palettes)
  if type(given) == "table" then
    local found = host.read_palette(given.fromFile)
    palette.count = #found
    for index = 1, #found do
      local color = found[index]
      palette.colors[index - 1] = Color { r = color[1], g = color[2], b = color[3] }
    end
  end
  return palette
end

function palettes:getColor(index)
  assert(index >= 0 and index < self.count)
  return self.colors[index] or Color { r = 0, g = 0, b = 0 }
end

function palettes:setColor(index, color)
  assert(index >= 0 and index < self.count)
  self.colors[index] = color
end

function palettes:saveAs(path)
  local lines = { "GIMP Palette", "Channels: RGBA", "#" }
  for index = 0, self.count - 1 do
    local color = self:getColor(index)
    local numbers = string.format("%d %d %d", color.red, color.green, color.blue)
    lines[#lines + 1] = string.format("%s %d Untitled", numbers, color.alpha)
  end
  host.write_text(path, table.concat(lines, "\n") .. "\n")
end

-- Images

local images = {}
images.__index = images

function Image(given, height, mode)
  local image = setmetatable({ pixels = {} }, images)
  if type(given) == "table" and given.fromFile then
    local width, rows, pixels = host.read_png(given.fromFile)
    image.spec = { width = width, height = rows, colorMode = ColorMode.RGB, transparentColor = 0 }
    for at = 1, #pixels do
      image.pixels[at - 1] = pixels[at]
    end
  elseif type(given) == "table" then
    image.spec = ImageSpec(given)
  else
    image.spec = { width = given, height = height, colorMode = mode or ColorMode.RGB }
    image.spec.transparentColor = 0
  end
  image.width, image.height = image.spec.width, image.spec.height
  image.colorMode = image.spec.colorMode
  if #image.pixels == 0 and not image.pixels[0] then
    image:clear()
  end
  return image
end

function images:clear()
  local value = self.colorMode == ColorMode.INDEXED and self.spec.transparentColor or 0
  for at = 0, self.width * self.height - 1 do
    self.pixels[at] = value
  end
end

function images:getPixel(x, y)
  assert(x >= 0 and x < self.width and y >= 0 and y < self.height)
  return self.pixels[y * self.width + x]
end

function images:drawPixel(x, y, value)
  assert(math.type(value) == "integer")
  assert(x >= 0 and x < self.width and y >= 0 and y < self.height)
  self.pixels[y * self.width + x] = value
end

function images:drawImage(other, position)
  assert(other.colorMode == self.colorMode)
  local clear = self.colorMode == ColorMode.INDEXED and self.spec.transparentColor or 0
  for y = 0, other.height - 1 do
    for x = 0, other.width - 1 do
      local here, there = x + position.x, y + position.y
      local value = other:getPixel(x, y)
      local within = here >= 0 and there >= 0 and here < self.width and there < self.height
      if within and value ~= clear then
        self.pixels[there * self.width + here] = value
      end
    end
  end
end

function images:drawSprite(sprite, number)
  for _, layer in ipairs(sprite.layers) do
    local cel = layer:cel(number)
    if cel and layer.isVisible then
      self:drawImage(cel.image, cel.position)
    end
  end
end

function images:saveAs(fields)
  local table_, palette = {}, fields.palette
  if self.colorMode == ColorMode.INDEXED then
    for index = 0, #palette - 1 do
      local color = palette:getColor(index)
      table_[index + 1] = { color.red, color.green, color.blue }
    end
  end
  local pixels = {}
  for at = 0, self.width * self.height - 1 do
    pixels[at + 1] = self.pixels[at]
  end
  local clear = self.spec.transparentColor
  host.write_png(fields.filename, self.width, self.height, self.colorMode, pixels, table_, clear)
end

-- Sprites

local sprites, layers = {}, {}
sprites.__index, layers.__index = sprites, layers

function layers:cel(number)
  assert(math.type(number) == "integer")
  return self.cels[number]
end

function Sprite(width, height, mode)
  local sprite = setmetatable({ layers = {}, frames = {}, palettes = { Palette(1) } }, sprites)
  sprite.width, sprite.height, sprite.colorMode = width, height, mode or ColorMode.RGB
  sprite.transparentColor = 0
  sprite.spec = { width = width, height = height, colorMode = sprite.colorMode }
  sprite.spec.transparentColor = 0
  sprite.frames[1] = { frameNumber = 1, duration = 0.1 }
  local before = inside
  inside = true -- a new document has nothing to undo
  undo[#undo + 1] = {}
  sprite:newLayer().name = "Layer 1"
  undo[#undo] = nil
  inside = before
  app.sprite, app.layer, app.frame = sprite, sprite.layers[1], sprite.frames[1]
  app.sprites[#app.sprites + 1] = sprite
  return sprite
end

function sprites:newLayer()
  local layer = setmetatable({ cels = {}, isVisible = true, isImage = true }, layers)
  self.layers[#self.layers + 1] = layer
  changed("newLayer")
  return layer
end

function sprites:newEmptyFrame(number)
  table.insert(self.frames, number, { frameNumber = number, duration = 0.1 })
  changed("newEmptyFrame")
end

function sprites:newCel(layer, number, image, position)
  assert(self.frames[number] and image.colorMode == self.colorMode)
  layer.cels[number] = { image = image, position = position }
  changed("newCel")
end

function sprites:setPalette(palette)
  self.palettes[1] = palette
  changed("setPalette")
end

-- app

app = { apiVersion = 30, sprites = {} }

function app.transaction(work)
  assert(not inside)
  undo[#undo + 1] = {}
  inside = true
  local fine, problem = pcall(work)
  inside = false
  if not fine then
    undo[#undo] = nil
    error(problem, 0)
  end
end

function app.alert(given)
  told[#told + 1] = type(given) == "table" and given.text or given
end

function app.refresh() end

local function byte(shift)
  return function(pixel) return pixel >> shift & 255 end
end

app.pixelColor = {
  rgbaR = byte(0), rgbaG = byte(8), rgbaB = byte(16), rgbaA = byte(24),
  rgba = function(r, g, b, a) return r | g << 8 | b << 16 | (a or 255) << 24 end,
  graya = function(v, a) return v | (a or 255) << 8 end,
}

app.fs = {
  pathSeparator = "/",
  tempPath = host.temporary,
  joinPath = function(...) return table.concat({ ... }, app.fs.pathSeparator) end,
  isFile = host.is_file,
  isDirectory = host.is_folder,
  makeDirectory = host.make_folder,
  removeDirectory = host.remove_folder,
  listFiles = function(path)
    local found, names = {}, host.list(path)
    for at = 1, #names do
      found[at] = names[at]
    end
    return found
  end,
}

-- A dialog is answered as soon as it is shown: by `answer`, from what it shows.

local answer = function() end
local dialog = {}
dialog.__index = dialog

function Dialog(title)
  local made = setmetatable({ title = title, data = {}, shown = {} }, dialog)
  dialogs[#dialogs + 1] = made
  return made
end

local function widget(value_of)
  return function(self, fields)
    assert(fields.id and self.data[fields.id] == nil)
    self.data[fields.id] = value_of(fields)
    self.shown[#self.shown + 1] = fields
    return self
  end
end

dialog.combobox = widget(function(fields)
  for _, option in ipairs(fields.options) do
    if option == fields.option then
      return option
    end
  end
  error("no such option: " .. tostring(fields.option))
end)
dialog.number = widget(function(fields) return tonumber(fields.text) end)
dialog.check = widget(function(fields) return fields.selected end)
dialog.entry = widget(function(fields) return fields.text end)
dialog.file = widget(function(fields) return fields.filename end)
dialog.button = widget(function() return false end)

function dialog:show()
  local wanted = answer(self)
  if wanted then
    self.data.ok = true
    for id, value in pairs(wanted) do
      assert(self.data[id] ~= nil, "no field " .. tostring(id))
      self.data[id] = value
    end
  end
end

-- A plugin, and what a test asks of it.

local plugin = { preferences = {}, path = host.extension, commands = {}, groups = {} }

function plugin:newMenuGroup(fields)
  self.groups[#self.groups + 1] = fields
end

function plugin:newCommand(fields)
  assert(fields.id and fields.title and fields.onclick)
  self.commands[fields.id] = fields
end

return {
  plugin = plugin, undo = undo, told = told, dialogs = dialogs,
  -- Click a command; its dialog is answered so, or cancelled.
  click = function(id, wanted)
    answer = function() return wanted end
    local command = plugin.commands[id]
    assert(not command.onenabled or command.onenabled(), "the command is grey")
    command.onclick()
  end,
}
