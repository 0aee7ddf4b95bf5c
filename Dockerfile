# The image of web, worker, beat and migrate: same code, other commands (see compose.yaml).
FROM python:3.12-slim AS packages
COPY requirements/run.txt /tmp/run.txt
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes --requirement /tmp/run.txt

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/glu --create-home glu
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    GLU_ENV=production \
    GLU_HOME=/var/lib/glu \
    GLU_STATIC_ROOT=/app/static-collected
# Compiled once here, because the running user may write nothing below /app.
# The secrets of the second step are made up for it: they seal nothing and are not kept.
RUN python -m compileall -q /app
RUN export GLU_SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    && export GLU_MASTER_KEY="$(python -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())')" \
    && export GLU_PUBLIC_URL=https://build.invalid GLU_ALLOWED_HOSTS=build.invalid \
    && python manage.py collectstatic --no-input --verbosity 0
USER glu
VOLUME /var/lib/glu
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers", "--no-ws", "glu_admin.wsgi:application"]
