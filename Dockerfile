# The rebaser as an image: its locked dependencies, hash-checked, and the program. Built by any builder, the classic one
# included. The bases can be replaced by a mirror's copies: --build-arg PYTHON_IMAGE=… --build-arg DOCKER_IMAGE=…
ARG PYTHON_IMAGE=python:3.13-slim
ARG DOCKER_IMAGE=docker:28-cli

FROM ${PYTHON_IMAGE} AS build
COPY requirements.lock /build/
RUN python3 -m pip --disable-pip-version-check --no-cache-dir --quiet install --require-hashes \
      --target /opt/rebaser/lib --requirement /build/requirements.lock \
 && rm -rf /opt/rebaser/lib/bin
COPY rebaser /opt/rebaser/lib/rebaser
COPY entrypoint.py /opt/rebaser/
# What is compiled here need not be at every start; a file's time does not tell whether it fits, its content does.
RUN python3 -m compileall -q --invalidation-mode unchecked-hash /opt/rebaser

# For a rebuild from source: docker's client and buildx, which want no more than the socket of an engine.
FROM ${DOCKER_IMAGE} AS docker

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="rebaser" \
      org.opencontainers.image.description="Moves a built image onto its updated base image, in the registry" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=docker /usr/local/bin/docker /usr/local/bin/
COPY --from=docker /usr/local/libexec/docker/cli-plugins/docker-buildx /usr/local/libexec/docker/cli-plugins/
COPY --from=build /opt/rebaser /opt/rebaser
# Run once, so that an image that does not work is not built, and what the standard library lacks is compiled.
RUN python3 -c 'import site; open(f"{site.getsitepackages()[0]}/rebaser.pth", "w").write("/opt/rebaser/lib\n")' \
 && python3 -I /opt/rebaser/entrypoint.py demo > /dev/null
# Runners want root: only root may write the files in which they take outputs. Isolated (-I), since the directory it is
# started in, and the home that is mounted, belong to somebody else.
WORKDIR /work
ENTRYPOINT ["python3", "-IuB", "/opt/rebaser/entrypoint.py"]
