# The rebaser as an image: its locked dependencies, hash-checked, and the program. Built by any builder, the classic one
# included. The base can be replaced by a mirror's copy: --build-arg PYTHON_IMAGE=…
ARG PYTHON_IMAGE=python:3.13-slim
FROM ${PYTHON_IMAGE}
WORKDIR /opt/rebaser
COPY requirements.lock ./
RUN python3 -m venv --without-pip .venv \
 && python3 -m pip --disable-pip-version-check --no-cache-dir --quiet --python .venv/bin/python3 \
      install --require-hashes -r requirements.lock
COPY rebaser ./rebaser
ENV PYTHONPATH=/opt/rebaser PYTHONUNBUFFERED=1
WORKDIR /work
ENTRYPOINT ["/opt/rebaser/.venv/bin/python3", "-m", "rebaser"]
