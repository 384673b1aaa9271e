"""Workflows in act: `uses: ./`, a next step that reads the outputs and pulls by digest, and the README's own."""

import re
import sys
from pathlib import Path

import pytest
import yaml

from tests.images.engine import Builder
from tests.images.images import Images
from tests.images.machine import CHECKOUT
from tests.integration.actions.act import Act
from tests.integration.dockerfiles import Dockerfiles
from tests.integration.registries import Registry

WORKFLOWS = Path(__file__).with_name("workflows")
ACTION = "org/rebase-action@v1"


@pytest.fixture
def act(images: Images, tmp_path: Path) -> Act:
    program = Path(sys.executable).with_name("act")
    assert program.exists(), "act belongs to the locked development tools"
    return Act(str(program), images.runner(), images.python(), images.client(), tmp_path)


def put(registry: Registry, dockerfiles: Dockerfiles, repository: str) -> dict[str, str]:
    """Two bases, an application on the old one, and another that is on neither."""
    old, new = (dockerfiles.build(f"ENV BASE={age}\nRUN echo {age} > /base", Builder.CLASSIC) for age in ("old", "new"))
    app = dockerfiles.build('COPY a.txt /\nCMD ["cat", "/base"]', Builder.CLASSIC, old)
    tags = {"IMAGE": app, "OLD_BASE": old, "NEW_BASE": new, "OTHER": app}
    named = {name: registry.copy(f"docker-daemon:{tag}", repository, name.lower()) for name, tag in tags.items()}
    return {**named, "ABSENT": registry.reference(repository, "absent")}


def test_uses_dot_slash_on_every_kind_of_end(act: Act, distribution: Registry, dockerfiles: Dockerfiles) -> None:
    variables = put(distribution, dockerfiles, "act/use")
    before = distribution.digest("act/use", "image")
    ran = act.run(act.checkout(), WORKFLOWS / "use.yml", variables)
    assert ran.code == 0, ran.text[-5000:]
    assert ran.jobs == dict.fromkeys(("rebased", "unchanged", "refused", "failed"), "success"), ran.text[-5000:]
    told = ran.outputs("rebased")
    assert told["digest"] == distribution.digest("act/use", "image") != before == told["original-digest"]
    assert ran.outputs("refused")["digest"] == distribution.digest("act/use", "other")


@pytest.mark.parametrize("form", ["Dockerfile", "docker://"])
def test_the_workflow_of_the_readme_runs_as_it_is_written(
    form: str, act: Act, action_image: str, distribution: Registry, dockerfiles: Dockerfiles
) -> None:
    """Only names are replaced: of the image, its base, and the trigger, which act gives as a push.

    With the action as `main` has it, built from its Dockerfile, and as a release has it, naming an image.
    """
    repository = f"act/readme-{form.strip(':/').lower()}"
    variables = put(distribution, dockerfiles, repository)
    (text,) = re.findall(r"^```yaml\n(name: .*?)^```", (CHECKOUT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    workflow = yaml.safe_load(text)
    del workflow[True]  # `on`, as YAML 1.1 reads it
    workflow["on"] = "push"
    (step, following) = workflow["jobs"]["refresh"]["steps"]
    assert step["uses"] == ACTION
    step["with"] |= {"image": variables["IMAGE"], "new-base": variables["NEW_BASE"], "old-base": variables["OLD_BASE"]}
    following["run"] = following["run"].replace(" --version", "")
    path = act.directory / "readme.yml"
    path.write_text(yaml.safe_dump(workflow))
    tree = act.checkout()
    if form != "Dockerfile":
        action = tree / "action.yml"
        action.write_text(action.read_text().replace("  image: Dockerfile\n", f"  image: {form}{action_image}\n"))
    ran = act.run(tree, path, {}, f"--local-repository={ACTION}={tree}")
    assert ran.code == 0, ran.text[-5000:]
    assert ran.jobs == {"refresh": "success"}
    assert ran.outputs("refresh")["digest"] == distribution.digest(repository, "image")
    assert '"new' in ran.text
