"""Holds what docs/DEPLOY.md counts on: SAM names a new version of every function when its code was uploaded under another
prefix, and none when only a parameter was changed. SAM names a version by a hash of the function's properties as the
template writes them, parameters not filled in. Run by `cargo xtask lint` with the Python of SAM itself."""

import logging
import os
import sys

# SAM warns of metrics about itself that nobody collects.
logging.disable(logging.WARNING)
# Nothing is asked of AWS; the translator wants to know a region all the same.
os.environ.setdefault("AWS_DEFAULT_REGION", "sa-east-1")

from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator


def versions(prefix, parameters):
    """The logical ids of the versions in what CloudFormation gets, the code being where `sam deploy` uploads it."""
    with open("template.yaml", encoding="utf-8") as file:
        template = yaml_parse(file.read())
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = f"s3://uploads/{prefix}/{name}-sha"
    made = Translator({}, Parser()).translate(template, parameters, {})["Resources"]
    return {name for name, resource in made.items() if resource["Type"] == "AWS::Lambda::Version"}


first = versions("porfin-prod/1", {"Stage": "prod", "Revision": "1"})
moved = versions("porfin-prod/2", {"Stage": "prod", "Revision": "2"})
other = versions("porfin-prod/1", {"Stage": "prod", "Revision": "2", "LogLevel": "debug"})

if len(first) != 10 or len(moved) != 10:
    sys.exit(f"ten functions, but versions are {sorted(first)} and {sorted(moved)}")
if first & moved:
    sys.exit(f"no new version although the code lies under another prefix: {sorted(first & moved)}")
if first != other:
    sys.exit("a parameter alone makes a new version now: the prefix of uploads need not change, see docs/DEPLOY.md")
