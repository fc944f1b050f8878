-- Sprites to files, and files to layers, sprites and palettes.
-- Knows nothing of the command line.

local pictures = {}

-- The numbers of the frames that are meant.
function pictures.frames(sprite, all)
  if not all then
    return { app.frame.frameNumber }
  end
  local numbers = {}
  for number = 1, #sprite.frames do
    numbers[number] = number
  end
  return numbers
end

-- One frame as it is seen, or the active layer alone, at the size of the canvas.
function pictures.image(sprite, number, layer_only)
  local image = Image(sprite.spec)
  image:clear()
  if not layer_only then
    image:drawSprite(sprite, number)
  elseif not app.layer.isImage or app.layer.isTilemap then
    error("choose a layer of pixels: this is a group or a tilemap", 0)
  else
    local cel = app.layer:cel(number)
    if cel then
      image:drawImage(cel.image, cel.position)
    end
  end
  return image
end

function pictures.save(image, sprite, path)
  image:saveAs { filename = path, palette = sprite.palettes[1] }
end

-- The colours of a sprite, without those that are transparent; nil if there are none.
function pictures.save_palette(sprite, path)
  local shown = {}
  local palette = sprite.palettes[1]
  for index = 0, #palette - 1 do
    local color = palette:getColor(index)
    local mask = sprite.colorMode == ColorMode.INDEXED and index == sprite.transparentColor
    if color.alpha > 0 and not mask then
      shown[#shown + 1] = color
    end
  end
  if #shown == 0 then
    error("the sprite's palette has no colours", 0)
  end
  local copy = Palette(#shown)
  for place, color in ipairs(shown) do
    copy:setColor(place - 1, color)
  end
  copy:saveAs(path)
end

-- The index of a palette whose colour is nearest, in RGB; the transparent one aside.
local function nearest(palette, mask, red, green, blue)
  local best, least = 0, math.huge
  for index = 0, #palette - 1 do
    local color = palette:getColor(index)
    local distance = (color.red - red) ^ 2 + (color.green - green) ^ 2 + (color.blue - blue) ^ 2
    if index ~= mask and color.alpha > 0 and distance < least then
      best, least = index, distance
    end
  end
  return best
end

-- An image that the tool made, in the colour mode of a sprite.
function pictures.converted(image, sprite)
  local mode = sprite.colorMode
  local spec = ImageSpec(sprite.spec)
  spec.width, spec.height = image.width, image.height
  local copy = Image(spec)
  copy:clear()
  local pc, known = app.pixelColor, {}
  for y = 0, image.height - 1 do
    for x = 0, image.width - 1 do
      local pixel = image:getPixel(x, y)
      local red, green, blue = pc.rgbaR(pixel), pc.rgbaG(pixel), pc.rgbaB(pixel)
      local alpha = pc.rgbaA(pixel)
      if mode == ColorMode.RGB then
        copy:drawPixel(x, y, pixel)
      elseif mode == ColorMode.GRAY then
        local value = math.floor(0.299 * red + 0.587 * green + 0.114 * blue + 0.5)
        copy:drawPixel(x, y, pc.graya(value, alpha))
      elseif alpha >= 128 then
        local place = known[pixel]
        if not place then
          place = nearest(sprite.palettes[1], sprite.transparentColor, red, green, blue)
          known[pixel] = place
        end
        copy:drawPixel(x, y, place)
      end
    end
  end
  return copy
end

-- Images that the tool made, one for each of the numbers, as a layer: one step to undo.
function pictures.as_layer(sprite, name, images, numbers)
  app.transaction(function()
    local layer = sprite:newLayer()
    layer.name = name
    for place, image in ipairs(images) do
      sprite:newCel(layer, numbers[place], pictures.converted(image, sprite), Point(0, 0))
    end
  end)
end

-- The same as a sprite of its own, with the durations of the frames they were made from.
function pictures.as_sprite(source, name, images, numbers, palette)
  local sprite = Sprite(images[1].width, images[1].height, ColorMode.RGB)
  app.transaction(function()
    sprite.layers[1].name = name
    if palette then
      sprite:setPalette(palette)
    end
    for place, image in ipairs(images) do
      if place > 1 then
        sprite:newEmptyFrame(place)
      end
      sprite.frames[place].duration = source.frames[numbers[place]].duration
      sprite:newCel(sprite.layers[1], place, pictures.converted(image, sprite), Point(0, 0))
    end
  end)
  return sprite
end

-- Give a sprite the colours of a palette file: one step to undo. In an indexed sprite they go
-- around its transparent index.
function pictures.set_palette(sprite, path)
  local found = Palette { fromFile = path }
  local mask = sprite.colorMode == ColorMode.INDEXED and sprite.transparentColor or -1
  local palette = Palette(#found + (mask >= 0 and mask <= #found and 1 or 0))
  local place = 0
  for index = 0, #found - 1 do
    if place == mask then
      palette:setColor(place, Color { r = 0, g = 0, b = 0, a = 0 })
      place = place + 1
    end
    palette:setColor(place, found:getColor(index))
    place = place + 1
  end
  app.transaction(function()
    sprite:setPalette(palette)
  end)
end

return pictures
