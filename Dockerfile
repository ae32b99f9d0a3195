# Belowline: the HTTP service and the moderators' desk, without torch.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY data data
COPY model model
COPY training/__init__.py training/__init__.py
COPY service service
RUN python -m venv /app && /app/bin/pip install --no-cache-dir '.[postgres]'

FROM python:3.13-slim
RUN useradd --create-home belowline && mkdir /data && chown belowline /data
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    BELOWLINE_HOST=0.0.0.0 \
    BELOWLINE_DATABASE_URL=sqlite:////data/belowline.sqlite3
USER belowline
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --start-period=20s --interval=10s --timeout=3s CMD \
    python -c "import os, urllib.request as web; web.urlopen('http://127.0.0.1:%s/health/ready' % os.getenv('BELOWLINE_PORT', '8000'), timeout=2)"
ENTRYPOINT ["belowline"]
CMD ["serve"]
