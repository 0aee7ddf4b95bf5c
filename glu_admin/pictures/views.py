"""Where pictures are shown, to anybody who knows the address, and where a form's script sends them.

An address holds the hash of what is there, so it can't be guessed and never shows anything else.
"""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from glu_admin.console.access import ConsoleRequest, console
from glu_admin.pictures import keeping, names, sending
from glu_admin.pictures.models import Picture
from glu_admin.pictures.reading import PictureError, Use
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment

HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": 'inline; filename="picture.webp"',
    # apps and shops show it too, on pages that are not ours
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
}


@require_safe
def picture(request: HttpRequest, workspace_id: UUID, sha256: str) -> HttpResponse:
    try:
        content = keeping.content_of(workspace_id, sha256)
    except Picture.DoesNotExist:
        raise Http404("There is no such picture.") from None
    return HttpResponse(content, content_type="image/webp", headers=HEADERS)


@console("campaigns.edit")
@require_POST
def add(request: ConsoleRequest, env: Environment) -> HttpResponse:
    """One picture, as soon as it was chosen: its name for the form, and what to show of it."""
    use = request.POST.get("use", "")
    try:
        content = sending.file_of(request, "file")
        if not content or use not in list(Use):
            raise PictureError("Choose a picture that is not empty.")
        name = keeping.keep(env, content, Use(use), Actor.of(request.user))
    except PictureError as error:
        return JsonResponse({"success": False, "message": str(error)}, status=400)
    shown = names.shown(env.workspace_id, name)
    assert shown is not None  # noqa: S101  # the name was made a line ago
    made = {"name": name, "address": shown.address, "width": shown.width, "height": shown.height}
    return JsonResponse({"success": True, **made})
