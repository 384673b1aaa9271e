"""The edge cases that other tools teach: what they test, and what at least one of them gets wrong.

Each test has the number of its case. Cases 6 to 13 and 15 are about buildpacks' own labels and names
(`io.buildpacks.…`, stacks, mixins, run-image mirrors): they come with that feature. Cases 43 and 44 look into layers.
Case 45 is in tests/test_pipeline.py and tests/transports/registry.
"""
