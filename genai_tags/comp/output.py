"""One output of a compositing script: what it inherits, where that stands, and why it may not ship."""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from genai_tags.comp.elements import Element, elements
from genai_tags.comp.gather import Gatherer
from genai_tags.comp.graph import Node
from genai_tags.comp.walk import Span, walk
from genai_tags.conform.check import shown
from genai_tags.conform.codes import CODES, severity_of
from genai_tags.conform.media import stem_of
from genai_tags.conform.results import Finding
from genai_tags.errors import GenAITagsError, Problem
from genai_tags.frames import Folders
from genai_tags.lineage import Source, all_clean, inherit
from genai_tags.model import Step, Stub, Tag, TagSet, Use
from genai_tags.naming import Name
from genai_tags.policy.pack import Outcome
from genai_tags.preview import Rulebook
from genai_tags.show import Judged, Show
from genai_tags.status import BADGES, Badge, Severity, Status, severity
from genai_tags.validity import Context
from genai_tags.vocabulary import AIClass, Basis, Operation, Purpose, Stage, ToolStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An output before anything of it is judged: plain data, taken from the host on its own thread.

    ``path`` is the pattern that it writes; ``span`` is its whole range, never one farm task's chunk; ``folder`` is what
    relative paths are relative to.
    """

    name: str
    path: str | None
    span: Span
    elements: tuple[Element, ...]
    folder: str = ""
    views: tuple[str, ...] = ("main",)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Suspect:
    """A node that passes the picture through a model, and that nobody declared. ``tag`` is what can be said of it without them."""

    key: str
    tag: Tag
    status: Status
    judged: tuple[Judged, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one tag of an output stands. ``sources`` name the nodes that bring it."""

    stub: Stub
    status: Status
    sources: tuple[str, ...]
    judged: tuple[Judged, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A judged output. ``tags`` is the set that its frames shall carry."""

    plan: Plan
    status: Status
    tags: TagSet
    sources: tuple[Source, ...]
    standings: tuple[Standing, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    findings: tuple[Finding, ...] = ()
    shot: str | None = None
    version: str | None = None

    @property
    def badge(self) -> Badge:
        """What an artist sees."""
        return BADGES[self.status]

    @property
    def unaccounted(self) -> tuple[Source, ...]:
        """Sources that were read, and that nobody said anything of."""
        return tuple(source for source in self.sources if source.unaccounted and not source.unknown)

    @property
    def severity(self) -> Severity | None:
        """The worst of its findings."""
        return max((each.severity for each in self.findings), key=lambda s: s.rank, default=None)


def plan_of(node: Node, path: str | None, span: Span, **place: object) -> Plan:
    """What reaches an output node over its whole range."""
    return Plan(name=node.key, path=path, span=span, elements=tuple(elements(walk(node, span))), **place)  # type: ignore[arg-type]


_PURPOSE = Purpose.PROGRAMME
"""What a render is for, unless a cut says otherwise later."""


@dataclass
class Judge:
    """Judges outputs for a show (None: nothing can be judged, and says so), at one moment: folders are listed once for all of them."""

    show: Show | None
    stage: Stage = Stage.FINAL
    as_of: dt.date | None = None
    glance: bool = False
    _rules: Rulebook | None = field(default=None, init=False)
    _folders: Folders = field(default_factory=Folders, init=False)
    _sources: dict[tuple[str, Element], Source] = field(default_factory=dict, init=False)

    def output(self, plan: Plan) -> Output:
        """Read what its elements carry, and judge. Where the show's rules cannot be read, what it inherits is found all the same."""
        gatherer = Gatherer(self.show, plan.folder, plan.views, self.as_of, self.glance, self._folders)
        sources = tuple(self._source(gatherer, each) for each in plan.elements if self._counts(each))
        name = self._name(plan)
        suspects = tuple(self._suspect(each) for each in _undeclared(plan.elements, sources))
        tags = inherit(
            (source.tags for source in sources), max((source.hidden for source in sources), default=0),
            sum(each.status is not Status.ALLOWED for each in suspects) + _uncounted(sources),
        )  # fmt: skip
        standings = tuple(self._stand(stub, sources, name) for stub in tags.stubs)
        status = self._status(sources, standings, suspects)
        output = Output(
            plan=plan, status=status, tags=tags, sources=sources, standings=standings, suspects=suspects,
            shot=name.shot, version=name.version,
        )  # fmt: skip
        found = sorted(self._findings(output), key=lambda finding: -finding.severity.rank)
        return Output(**{**{f: getattr(output, f) for f in output.__slots__}, "findings": tuple(found)})

    def nothing(self, script: str) -> list[Finding]:
        """What there is to say of a script in which no Write is on."""
        found = self._finding("no_output", f"no Write or DeepWrite of {script} is on, so nothing was checked")
        return [found] if found is not None else []

    def _source(self, gatherer: Gatherer, element: Element) -> Source:
        """What an element brings; of those that reach several outputs alike it is found out once."""
        key = (gatherer.folder, element)
        if key not in self._sources:
            self._sources[key] = gatherer.source(element)
        return self._sources[key]

    def _counts(self, element: Element) -> bool:
        """Whether an element is a source. A gizmo that nobody can look into is none where the register names it as analytic."""
        if element.problem is None or element.problem.code != "not_looked_into":
            return element.reads or bool(element.texts)
        return not self._registered(element.kind)

    def _registered(self, kind: str) -> bool:
        """Whether the tool register names a class of nodes as analytic: somebody looked into it."""
        try:
            rules = self._rulebook()
        except GenAITagsError:
            return False
        found = rules.register.current(kind, self.as_of or rules.today)
        return found is not None and found.status is ToolStatus.ALLOWED and found.settles(None)["ai_class"] is AIClass.ANALYTIC

    def _rulebook(self) -> Rulebook:
        if self._rules is None:
            self._rules = Rulebook.of(self.show) if self.show is not None else Rulebook.default()
        return self._rules

    def _name(self, plan: Plan) -> Name:
        if self.show is None or not plan.path:
            return Name(None, None)
        return self.show.parse_name(stem_of(plan.path))

    def _status(self, sources: Sequence[Source], standings: Sequence[Standing], suspects: Sequence[Suspect]) -> Status:
        found = [each.status for each in standings]
        found += [Status.UNRESOLVED for source in sources if source.hidden or _is_damaged(source)]
        found += [Status.NO_RECORD for source in sources if source.unknown or source.tags.undeclared]
        doubtful = [each.status for each in suspects if each.status is not Status.ALLOWED]
        if found or doubtful:
            return max((*found, *doubtful), key=lambda status: status.rank)
        return Status.CLEAN_INFERRED if all_clean(sources) else Status.NO_RECORD

    def _stand(self, stub: Stub, sources: Sequence[Source], name: Name) -> Standing:
        brought = tuple(sorted(source.name for source in sources if any(each.id == stub.id for each in source.tags.stubs)))
        if self.show is None:
            return Standing(stub, Status.UNRESOLVED, brought, message="no show is open, so nothing can be said of it")
        if not self.show.holds(stub):
            return Standing(stub, Status.UNRESOLVED, brought, message="its record is not in this show's ledger")
        day = self.as_of or self.show.today()
        context = Context(
            as_of=day, shot=name.shot, version=name.version, purpose=_PURPOSE, territories=self.show.config.territories, in_cut=True,
        )  # fmt: skip
        stage = self.stage if self.stage is Stage.FINAL else None
        current = self.show.current(stub.id, day)
        revisions = [None, *([stub.revision] if current is None or current.record.revision != stub.revision else [])]
        try:
            judged = tuple(j for revision in revisions for j in self.show.judge(stub.id, context, stage, _PURPOSE, revision))
        except GenAITagsError as error:  # a pack that cannot be read: what it inherits is known all the same
            return Standing(stub, Status.UNRESOLVED, brought, message=f"it cannot be judged: {error}")
        worst = max(judged, key=lambda each: each.verdict.status.rank)
        text = "; ".join(reason.message for reason in shown(worst.verdict.reasons)) if worst.verdict.reasons else ""
        return Standing(stub, worst.verdict.status, brought, judged, text)

    def _suspect(self, element: Element) -> Suspect:
        assert element.learned is not None
        known = element.learned
        step = Step(tool=known.tool, model=element.model, ai_class=known.ai_class, operation=known.operation)
        tag = Tag(steps=(step,), basis=Basis.INFERRED)
        try:
            rules = self._rulebook()
            filled, _ = rules.register.look(tag, Use(), self.as_of or rules.today)
            judged = tuple(rules.judge(tag, (), self.as_of))
        except GenAITagsError:
            return Suspect(element.key, tag, Status.NO_RECORD)
        analytic = filled.ai_class is AIClass.ANALYTIC and all(
            each.verdict.assessment.outcome is Outcome.ALLOWED for each in judged
        )
        return Suspect(element.key, tag, Status.ALLOWED if analytic else Status.NO_RECORD, judged)

    # ------------------------------------------------------------ findings

    def _findings(self, output: Output) -> list[Finding]:
        found = [self._finding(code, text, about) for code, text, about in self._texts(output)]
        found += [self._about(each) for each in output.standings]
        found += [self._temp(each, output.shot) for each in output.standings]
        return [each for each in found if each is not None]

    def _texts(self, output: Output) -> list[tuple[str, str, str | None]]:
        """What there is to say of an output but for its tags: code, words, and the node that they are about."""
        found: list[tuple[str, str, str | None]] = []
        for suspect in output.suspects:
            if suspect.status is not Status.ALLOWED:
                step = (suspect.tag.steps or (Step(),))[0]
                model = f" ({step.model})" if step.model else ""
                does = "was made with" if step.operation is Operation.GENERATE else "passes the picture through"
                found.append(("model_undeclared", f"{suspect.key} {does} {step.tool}{model}", suspect.key))
        found += [_of_problem(source.name, problem) for source in output.sources for problem in source.problems]
        for source in output.sources:
            if source.tags.undeclared:
                text = f"{source.name} was rendered with {source.tags.undeclared} part(s) that nobody accounted for"
                found.append(("model_undeclared", text, source.name))
            if source.hidden:
                text = f"{source.name} counts {source.hidden} more tag(s) that neither header, sidecar nor ledger lists"
                found.append(("unresolved", text, source.name))
        unknown = [source.name for source in output.sources if source.unknown and not _is_damaged(source)]
        if unknown:
            text = f"what {_some(unknown)} may carry is not known, so nothing says what is in {output.plan.name}"
            found.append(("no_record", text, None))
        elif output.status is Status.NO_RECORD and not output.suspects:
            found.append(("no_record", f"nothing says whether there is GenAI in {output.plan.name}", None))
        elif output.unaccounted:
            text = f"nobody said anything of {_some([source.name for source in output.unaccounted])}"
            found.append(("sources_unaccounted", text, None))
        found += [("script_problem", str(problem), None) for problem in output.plan.problems]
        return list(dict.fromkeys(found))

    def _finding(self, code: str, message: str, about: str | None = None) -> Finding | None:
        level = severity(Status(code), self.stage) if code in ("no_record", "unresolved") else severity_of(code, self.stage)
        level = self._of_show(code, level)
        return Finding(code=code, severity=level, message=message, fix=CODES[code].fix, about=about) if level else None

    def _of_show(self, code: str, level: Severity | None) -> Severity | None:
        return self.show.config.severities.get(code, level) if self.show is not None else level

    def _about(self, standing: Standing) -> Finding | None:
        """What is still in the way of one tag."""
        worst = max(standing.judged, key=lambda each: each.verdict.status.rank, default=None)
        code = standing.status.value
        if worst is not None and worst.verdict.reasons and worst.verdict.reasons[0].code in CODES:
            code = worst.verdict.reasons[0].code
        level = self._of_show(code, severity(standing.status, self.stage, worst.verdict.unmet if worst else ()))
        if level is None:
            return None
        top = worst.verdict.asking if worst else None
        where = f" ({', '.join(standing.sources[:3])})" if standing.sources else ""
        text = f"tag {standing.stub.id}{where}: {standing.message or CODES[code].meaning}"
        fix = top.fix if top and top.fix and code == "open" else CODES[code].fix
        if self.show is None:
            fix = "Set GENAI_SHOW, or save the script below the show's folder."
        return Finding(
            code=code, severity=level, message=text, fix=fix, rule=f"{top.pack}/{top.rule}" if top else None,
            cite=top.cite if top else None, who=top.who if top else None, about=standing.stub.id,
        )  # fmt: skip

    def _temp(self, standing: Standing, shot: str | None) -> Finding | None:
        """What was declared for a temp alone, in a final render."""
        entry = next((each.entry for each in standing.judged if each.entry is not None), None)
        if self.stage is not Stage.FINAL or entry is None:
            return None
        declared = {use.stage for use in entry.record.uses if shot is None or use.shot in (None, shot)} - {None}
        if not declared or Stage.FINAL in declared:
            return None
        words = ", ".join(sorted(str(stage) for stage in declared))
        text = f"tag {standing.stub.id} was declared for {words}, and this render counts as final"
        return self._finding("temp_in_final", text, standing.stub.id)


_OF_SOURCES = {"tag_damaged", "tag_lost", "media_unreadable"}


def _of_problem(name: str, problem: Problem) -> tuple[str, str, str]:
    """A source's problem, under the code that a conform has for it."""
    where = f"{os.path.basename(problem.path)} " if problem.path and problem.path != name else ""
    code = problem.code if problem.code in _OF_SOURCES else "source_problem"
    return code, f"{name}: {where}{problem.message}", name


def _uncounted(sources: Sequence[Source]) -> int:
    """Parts of the sources that nobody accounted for; those of one medium count once, however often it is read."""
    carried: dict[str, int] = {}
    for source in sources:
        name = source.path or source.name
        carried[name] = max(carried.get(name, 0), source.tags.undeclared)
    return sum(carried.values()) + sum(source.unknown for source in sources)


def _some(names: Sequence[str]) -> str:
    """The first of many names."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _is_damaged(source: Source) -> bool:
    return any(problem.code == "tag_damaged" for problem in source.problems)


def _undeclared(found: Sequence[Element], sources: Sequence[Source]) -> list[Element]:
    """Models that nobody declared: neither on the node or its media, nor on a group or gizmo around it."""
    declared = {each.key for each in found if each.texts} | {source.name for source in sources if source.tags.stubs}
    return [each for each in found if each.learned is not None and not declared & {each.key, *each.groups}]


def advice(output: Output) -> tuple[str, bool]:
    """One line about a render, and whether it is a warning: something is in the way."""
    line = f"{output.plan.name}: {headline(output)}"
    first = next(iter(output.findings), None)
    if first is None or first.severity is Severity.INFO:
        return line, False
    who = f" ({first.who})" if first.who else ""
    return f"{line} | {first.code}, {first.message}. {first.fix}{who}", True


def headline(output: Output) -> str:
    """One line that says where an output stands: the badge's word, what is in it, and what is first in the way."""
    counted = Counter(each.status for each in output.standings)
    parts = [f"{len(output.standings)} GenAI element{'s' if len(output.standings) != 1 else ''}"] if output.standings else []
    if len(counted) > 1:
        parts.append(", ".join(f"{count} {BADGES[status].text.lower()}" for status, count in counted.most_common()))
    undeclared = [each for each in output.suspects if each.status is not Status.ALLOWED]
    if undeclared:
        parts.append(f"{len(undeclared)} undeclared model{'s' if len(undeclared) != 1 else ''}")
    unread = [source for source in output.sources if source.unknown]
    if unread:
        parts.append(f"{len(unread)} source{'s' if len(unread) != 1 else ''} that cannot be read in full")
    if output.unaccounted:
        parts.append(f"{len(output.unaccounted)} of {len(output.sources)} sources without a record")
    return f"{output.badge.symbol} {output.badge.text}" + (f" - {'; '.join(parts)}" if parts else "")
