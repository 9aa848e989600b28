"""The workers of a Dask scheduler (extra `cluster`): queueing, retries, their coming and going are Dask's."""

from __future__ import annotations

import logging
import pickle
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from contextlib import suppress
from typing import Any, Final

from cms_sim.errors import CmsSimError, InputError, RunError
from cms_sim.experiment.bank import rules_hash
from cms_sim.experiment.sweep.crews import AHEAD, Job, Task, forget, learn, work
from cms_sim.experiment.sweep.rows import Rows
from cms_sim.version import __version__

log = logging.getLogger(__name__)

ANSWERS_WITHIN: Final = "20s"
"""A scheduler that does not answer so soon is not there."""
_SAME: Final = "Start every worker with the cms-sim that runs the sweep; what is finished is kept."


class Cluster:
    """What `--cluster` names."""

    tries = 1
    """Dask itself has tried several workers when it gives a task up (`distributed.scheduler.allowed-failures`)."""
    _ASKS_EVERY_S = 5.0

    def __init__(self, job: Job, address: str) -> None:
        client_of, self.lost = _dask(address)
        self._address, self._name = address, job.name
        try:
            self._client = client_of(address, timeout=ANSWERS_WITHIN, set_as_default=False)
        except (OSError, ValueError) as error:
            remedy = "Start one (docs/sweeps.md), and give the address that it prints, such as tcp://10.0.0.5:8786."
            message = f"no Dask scheduler answers ({str(error).splitlines()[0]})"
            raise InputError(message, where=f"--cluster {address}", remedy=remedy) from None
        self._plugin = f"cms-sim-{job.name}"
        self._tell(job)
        self._executor: Executor = self._client.get_executor(pure=False)
        self._asked, self._ahead = 0.0, AHEAD
        if not self._client.nthreads():
            log.warning("The scheduler has no workers yet: the sweep waits for them.")

    def _tell(self, job: Job) -> None:
        """Raises RunError where a worker that is there now cannot take part."""
        try:
            self._client.register_plugin(_plugin(job.name, pickle.dumps(job)), name=self._plugin)
        except CmsSimError:
            self.close()
            raise
        except Exception as error:
            self.close()
            message = f"a worker cannot take part ({type(error).__name__}: {error})"
            raise RunError(message, where=self._address, remedy=_SAME) from error

    def ahead(self) -> int:
        """A few for each thread of the workers that are there now."""
        if time.monotonic() - self._asked > self._ASKS_EVERY_S:
            self._asked = time.monotonic()
            self._check()
            with suppress(OSError, TimeoutError):
                self._ahead = AHEAD * max(4, sum(self._client.nthreads().values()))
        return self._ahead

    def submit(self, task: Task) -> Future[Rows]:
        """Hand it to the scheduler."""
        return self._executor.submit(work, self._name, task)

    def _check(self) -> None:
        if self._client.status != "running":
            self._gone()

    def _gone(self) -> None:
        remedy = "Start it again and run the same command: what is finished is kept."
        raise RunError("the Dask scheduler is gone", where=self._address, remedy=remedy)

    def renew(self) -> None:
        """Dask finds other workers; only without its scheduler nothing goes on."""
        self._check()

    def alone(self) -> Cluster:
        """Dask gives up a task by what it did itself, so nothing has to be set apart."""
        return self

    def close(self) -> None:
        """Leave; the scheduler drops what is not finished, and its workers what they know of it."""
        with suppress(Exception):
            if self._client.status == "running":
                self._client.unregister_worker_plugin(self._plugin)
        with suppress(Exception):
            self._client.close(timeout=5)


def _dask(address: str) -> tuple[Callable[..., Any], tuple[type[BaseException], ...]]:
    try:
        from distributed import Client
        from distributed.scheduler import KilledWorker
    except ImportError:
        remedy = "Install it: python -m pip install 'distributed>=2024.8' (or the extra 'cluster')."
        raise InputError("a cluster needs Dask", where=f"--cluster {address}", remedy=remedy) from None
    return Client, (KilledWorker, CancelledError, MemoryError)


def _plugin(name: str, job: bytes) -> Any:
    from distributed.diagnostics.plugin import WorkerPlugin

    made_with = (__version__, rules_hash())

    class TellOfJob(WorkerPlugin):
        """Tells every worker of the job, those that come later as well; not one whose rows would not go with others.

        It travels as code, so that it asks workers of any version.
        """

        def setup(self, worker: Any) -> None:
            from cms_sim.experiment.bank import rules_hash as rules_there
            from cms_sim.version import __version__ as version_there

            if (version_there, rules_there()) != made_with:
                what = f"version {version_there}" if version_there != made_with[0] else "other rules"
                message = f"a worker has {what}; its rows would not go with those of {made_with[0]} as it is here"
                raise RunError(message, where=worker.address, remedy=_SAME)
            learn(job)

        def teardown(self, worker: Any) -> None:
            forget(name)

    return TellOfJob()
