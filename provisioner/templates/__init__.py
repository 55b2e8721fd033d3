"""Alert and dashboard templates: YAML or JSON documents whose texts hold `<< expressions >>`."""

from provisioner.templates.header import Scope
from provisioner.templates.loading import Templates, load, read
from provisioner.templates.template import Template

__all__ = ["Scope", "Template", "Templates", "load", "read"]
