"""The door: routes of the REST API and the page, over a workshop. Knows HTTP; makes nothing."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from pixelization import __version__
from pixelization.animation.formats import FOR_STILLS, SUFFIXES
from pixelization.detection.geometry import UnsureError
from pixelization.enlargers.base import METHODS
from pixelization.errors import UserError, one_line, unexpected
from pixelization.images.writing import png_bytes
from pixelization.limits import STUDIO_FRAMES, STUDIO_PICTURE_BYTES, STUDIO_PIXELS
from pixelization.networks.shipped import DEFAULT_MODEL
from pixelization.palettes.classics import CLASSICS, classic_palette
from pixelization.palettes.files import parse_palette
from pixelization.palettes.names import DITHERS
from pixelization.pipeline.advice import FEW_COLORS, LARGEST
from pixelization.pipeline.style import OUTLINES, Style, make_style
from pixelization.pipeline.style_files import parse_style
from pixelization.studio.guard import Guard, Policy
from pixelization.studio.mistakes import describe_mistake
from pixelization.studio.pictures import Unknown, file_name
from pixelization.studio.schema import (
    BatchRequest,
    ErrorModel,
    FileRequest,
    FromPicture,
    GridModel,
    PaletteModel,
    PaletteRequest,
    PictureModel,
    SharedRequest,
    SpriteModel,
    SpriteRequest,
    StyleTexts,
    describe_grid,
    describe_picture,
    describe_sprite,
)
from pixelization.studio.settings import command, output_name, read_colors, style_texts
from pixelization.studio.work import Desk
from pixelization.studio.workshop import File, Stopped, Tick, Workshop

PAGE = Path(__file__).with_name("page")
EVENTS = "text/event-stream"
BYTES_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorModel, "description": why}
    for status, why in {
        401: "the token is missing or wrong",
        403: "another site asks",
        404: "there is no such picture any more",
        413: "the body is too large",
        422: "a value is wrong; error says which, and what to do",
        429: "too many requests wait",
    }.items()
}
UNREADABLE = {
    RecursionError: "the body is nested too deeply",
    UnicodeDecodeError: "the body is no text in UTF-8",
}


def build_app(
    workshop: Workshop,
    policy: Policy = Policy(),
    style: Style = Style(),
    model: str | None = None,
) -> FastAPI:
    """The studio as an ASGI application.

    Args:
        workshop: makes everything, and keeps the pictures. Those that it has already are open on
            every page.
        policy: who may ask.
        style: with which the page begins.
        model: likewise; None: the default.
    """
    desk = Desk()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        desk.close()

    app = FastAPI(
        title="pixelization studio",
        version=__version__,
        description="Pictures to pixel art and back, as the commands make them.",
        lifespan=lifespan,
        docs_url=None,  # these pages load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
        responses=ERRORS,
    )
    app.add_middleware(Guard, policy=policy)
    _handle_errors(app)
    start = {
        "style": style_texts(style),
        "model": model or DEFAULT_MODEL,
        "pictures": [each.key for each in workshop.pictures.all()],
    }
    _add_about(app, workshop, start)
    _add_pictures(app, workshop, desk)
    _add_palettes(app, workshop, desk)
    _add_sprites(app, workshop, desk)
    _add_files(app, workshop, desk)

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        """The page."""
        return FileResponse(PAGE / "index.html")

    app.mount("/", StaticFiles(directory=PAGE), name="page")
    return app


def _add_about(app: FastAPI, workshop: Workshop, start: Mapping[str, Any]) -> None:
    """The route that says what there is. ``start`` is what the page begins with."""

    @app.get("/api/about")
    def about() -> dict[str, Any]:
        """Version, models, built-in palettes, choices, limits; what the page begins with."""
        return {
            "version": __version__,
            "models": list(workshop.models),
            "palettes": [_palette(name) for name in CLASSICS],
            "dithers": DITHERS,
            "outlines": OUTLINES,
            "methods": METHODS,
            "limits": {
                "picture_bytes": STUDIO_PICTURE_BYTES.value,
                "pixels": STUDIO_PIXELS.value,
                "frames": STUDIO_FRAMES.value,
                "advice_pixels": LARGEST,
                "advice_colors": FEW_COLORS,
            },
            "start": start,
        }


def _add_pictures(app: FastAPI, workshop: Workshop, desk: Desk) -> None:
    """The routes of pictures that are handed in, and of what they show."""

    @app.post("/api/pictures", status_code=201, openapi_extra=BYTES_BODY)
    async def add_picture(
        request: Request, name: Annotated[str, Query(max_length=1000)] = ""
    ) -> PictureModel:
        """Hand in a picture: its bytes as the body. Equal bytes are one picture."""
        data = await request.body()
        return describe_picture(
            await desk.run(request, lambda _: workshop.pictures.add(data, name))
        )

    @app.get("/api/pictures")
    def list_pictures() -> list[PictureModel]:
        """The pictures that are kept."""
        return [describe_picture(upload) for upload in workshop.pictures.all()]

    @app.get("/api/pictures/{key}")
    def get_picture(key: str) -> PictureModel:
        """A picture that is kept."""
        return describe_picture(workshop.pictures.get(key))

    @app.delete("/api/pictures/{key}", status_code=204)
    def drop_picture(key: str) -> None:
        """Forget a picture."""
        workshop.pictures.drop(key)

    @app.post("/api/pictures/{key}/sheet", openapi_extra=BYTES_BODY)
    async def describe_sheet(
        request: Request, key: str, name: Annotated[str, Query(max_length=1000)] = ""
    ) -> PictureModel:
        """Hand in the JSON of a sheet, as Aseprite and TexturePacker write it, for ``tiles: auto``.

        Its bytes are the body.
        """
        data = await request.body()
        return describe_picture(
            await desk.run(request, lambda _: workshop.pictures.describe(key, data, name))
        )

    @app.get("/api/pictures/{key}/image", response_class=Response)
    async def show_picture(
        request: Request, key: str, frame: Annotated[int, Query(ge=0, le=1 << 20)] = 0
    ) -> Response:
        """A picture, or a frame of it, as it is read: a PNG file, upright, sRGB."""
        upload = workshop.pictures.get(key)

        def png(_: Tick) -> bytes:
            return png_bytes(workshop.pictures.frame(upload, frame), compress_level=1)

        return Response(await desk.run(request, png), media_type="image/png")

    @app.get("/api/pictures/{key}/grid")
    async def find_grid(
        request: Request, key: str, cell_size: Annotated[str, Query(max_length=100)] = ""
    ) -> GridModel:
        """The grid of a picture that shows pixel art enlarged, however unsure.

        With ``cell_size``, such as 6 or 16/3x6, only where the first cell begins is found out.
        """
        upload = workshop.pictures.get(key)
        cell = make_style(cell_size=cell_size or None).cell_size
        return describe_grid(await desk.run(request, lambda _: workshop.grid(upload, cell)))


def _add_palettes(app: FastAPI, workshop: Workshop, desk: Desk) -> None:
    """The routes of palettes and styles that results begin with."""

    @app.post("/api/palettes", openapi_extra=BYTES_BODY)
    async def read_palette_file(
        request: Request, name: Annotated[str, Query(max_length=1000)] = ""
    ) -> PaletteModel:
        """The colours of a palette file: its bytes as the body."""
        data = await request.body()
        palette = await desk.run(request, lambda _: parse_palette(data, file_name(name)))
        return PaletteModel(name=palette.name, colors=palette.hex())

    @app.post("/api/palettes/shared")
    async def share_palette(request: Request, wanted: SharedRequest) -> PaletteModel:
        """One palette for several pictures, as ``--shared-palette`` of the commands fits it."""
        uploads = [workshop.pictures.get(key) for key in dict.fromkeys(wanted.pictures)]
        settings = wanted.value()
        palette = await desk.run(
            request, lambda tick: workshop.shared_palette(uploads, settings, tick=tick)
        )
        return PaletteModel(name="of all pictures", colors=palette.hex())

    @app.post("/api/styles", openapi_extra=BYTES_BODY)
    async def read_style_file(
        request: Request, name: Annotated[str, Query(max_length=1000)] = ""
    ) -> StyleTexts:
        """The options of a style file: its bytes as the body. It names no other file."""
        style = parse_style(await request.body(), file_name(name), read_colors)
        return StyleTexts(style=style_texts(style))

    @app.post("/api/palettes/picture")
    async def take_palette(request: Request, wanted: FromPicture) -> PaletteModel:
        """Colours that are taken from a picture."""
        upload = workshop.pictures.get(wanted.picture)
        palette = await desk.run(request, lambda _: workshop.palette_of(upload, wanted.colors))
        return PaletteModel(name=upload.name, colors=palette.hex())


def _add_sprites(app: FastAPI, workshop: Workshop, desk: Desk) -> None:
    """The route of results on the screen."""

    @app.post("/api/sprites", response_model=SpriteModel)
    async def make_sprite(request: Request, wanted: SpriteRequest) -> Any:
        """A result with its frames, colours, command and style file.

        With ``Accept: text/event-stream`` events tell the progress: ``progress``, then ``result``
        or ``error``. Work ends when the connection is closed.
        """
        upload, settings = workshop.pictures.get(wanted.picture), wanted.value()
        edits = wanted.edit_values()

        def make(tick: Tick) -> SpriteModel:
            done = workshop.make(upload, settings, edits, tick=tick)
            return describe_sprite(upload, settings, done)

        if EVENTS not in request.headers.get("accept", ""):
            return await desk.run(request, make)
        events = desk.events(
            lambda tick: make(tick).model_dump_json(), lambda error: _told(error).model_dump_json()
        )
        return StreamingResponse(events, media_type=EVENTS)


def _add_files(app: FastAPI, workshop: Workshop, desk: Desk) -> None:
    """The routes of results as files, and of the command that writes them."""

    @app.post("/api/files", response_class=Response)
    async def make_file(request: Request, wanted: FileRequest) -> Response:
        """The file of a result, byte for byte what the command writes."""
        upload, settings = workshop.pictures.get(wanted.picture), wanted.value()
        edits, how = wanted.edit_values(), wanted.options()
        file = await desk.run(
            request, lambda tick: workshop.file(upload, settings, how, edits, tick=tick)
        )
        return _download(file)

    @app.post("/api/commands")
    def write_command(wanted: FileRequest) -> dict[str, str]:
        """The command line that writes the same file, without what was painted."""
        upload = workshop.pictures.get(wanted.picture)
        moving = upload.format is not None and not wanted.tiles
        written = wanted.format if moving or wanted.format in FOR_STILLS else "png"
        suffix = SUFFIXES[written]
        return {"command": command(wanted.value(), upload.name, suffix, wanted.options())}

    @app.post("/api/palette-files", response_class=Response)
    async def make_palette_file(request: Request, wanted: PaletteRequest) -> Response:
        """The palette of a result as a file; without one, the colours that it shows."""
        upload, settings = workshop.pictures.get(wanted.picture), wanted.value()
        edits, suffix = wanted.edit_values(), wanted.suffix
        file = await desk.run(
            request, lambda _: workshop.palette_file(upload, settings, suffix, edits)
        )
        return _download(file)

    @app.post("/api/sheet-files", response_class=Response)
    async def make_sheet_file(request: Request, wanted: FileRequest) -> Response:
        """The JSON of a result that is a sheet, byte for byte what the command writes."""
        upload, settings = workshop.pictures.get(wanted.picture), wanted.value()
        image = output_name(upload.name, settings, SUFFIXES[wanted.format])
        file = await desk.run(request, lambda _: workshop.sheet_file(upload, settings, image))
        return _download(file)

    @app.post("/api/batches", response_class=Response)
    async def make_batch(request: Request, wanted: BatchRequest) -> Response:
        """A zip of the results of several pictures; ``failed.txt`` in it tells what went wrong."""
        keys, settings, how = dict.fromkeys(wanted.pictures), wanted.value(), wanted.options()
        file = await desk.run(request, lambda tick: workshop.batch(keys, settings, how, tick=tick))
        return _download(file)


def _palette(name: str) -> dict[str, Any]:
    return {"name": name, "colors": classic_palette(name).hex()}


def _download(file: File) -> Response:
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
        "x-remarks": quote("\n".join(file.remarks))[:4000],
    }
    return Response(file.data, media_type=file.mime, headers=headers)


def _told(error: Exception) -> ErrorModel:
    """What is said of an error."""
    grid = describe_grid(error.grid) if isinstance(error, UnsureError) else None
    text = str(error) if isinstance(error, UserError) else unexpected(error)
    return ErrorModel(error=_sendable(one_line(text)), grid=grid)


def _sendable(text: str) -> str:
    """A text that UTF-8 can hold: what was sent may have had half of a pair of surrogates."""
    return text.encode(errors="replace").decode()


def _handle_errors(app: FastAPI) -> None:
    """Every error is one line of JSON."""

    def answer(status: int) -> Callable[[Request, Exception], JSONResponse]:
        def handle(request: Request, error: Exception) -> JSONResponse:
            return JSONResponse(_told(error).model_dump(exclude_none=True), status)

        return handle

    def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return JSONResponse({"error": _sendable(describe_mistake(error.errors()))}, 422)

    def refused(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        if error.status_code == 400 and (cause := error.__cause__):  # FastAPI says no more
            told = (text for kind, text in UNREADABLE.items() if isinstance(cause, kind))
            return JSONResponse({"error": next(told, "the body cannot be read as JSON")}, 422)
        return JSONResponse({"error": str(error.detail)}, error.status_code, error.headers)

    app.add_exception_handler(Unknown, answer(404))
    app.add_exception_handler(UserError, answer(422))
    app.add_exception_handler(MemoryError, answer(413))
    app.add_exception_handler(Stopped, answer(400))
    app.add_exception_handler(ClientDisconnect, answer(400))  # nobody reads it
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, refused)
