"""The one training loop: it yields Steps; the caller prints, plots and saves."""

import time

import numpy as np
import torch
import torch.nn.functional as F
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from hornbook.training.doctor import check
from hornbook.training.optimizers import set_learning_rate
from hornbook.training.step import Step
from hornbook.training.tokens import windows_of

SCORED_AT_ONCE = 4096  # tokens: enough for fast products, few enough to stay in little memory


def train_steps(model, optimizers, windows, settings, done=0, seconds_before=0.0):
    """Train a language model by `descend`: the loss is the cross-entropy on [B·T, V] against the labels [B·T]."""
    autocast = torch.autocast("cpu", torch.bfloat16, enabled=settings.precision == "bfloat16")

    def loss_of(step):
        ids = torch.from_numpy(windows.batch(step))
        with autocast:
            logits, _ = model(ids[:, :-1])
        loss = F.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten())
        return loss, step * windows.batch_size * windows.length

    yield from descend(model, optimizers, loss_of, settings, done, seconds_before)


def descend(model, optimizers, loss_of, settings, done=0, seconds_before=0.0):
    """Train `model` from step `done` on, one batch a step, until `max_steps` or `max_seconds` is reached.

    `loss_of(step)` gives the batch's loss and the tokens read so far. Gradients are clipped to `clip_norm`; the
    learning rate follows the schedule over steps, or over seconds where those run out first.
    """
    began = time.perf_counter() - seconds_before
    parameters = list(model.parameters())
    progress = _progress(done, time.perf_counter() - began, settings)
    for step in range(done + 1, settings.max_steps + 1):
        if progress >= 1:
            return
        if not model.training:  # going through all modules takes as long as an optimizer's step
            model.train()
        # Dropout depends on the step alone, so runs resume alike. torch.manual_seed looks for other devices each time.
        torch.default_generator.manual_seed(settings.seed * 1_000_003 + step)
        lr = set_learning_rate(optimizers, settings, max(progress, (step - 0.5) / settings.max_steps))
        loss, tokens = loss_of(step)
        for optimizer in optimizers:  # not sooner: a heap whose end is free goes back to the system, page by page
            optimizer.zero_grad()
        loss.backward()
        nats, grad_norm = loss.item(), _clip(parameters, settings.clip_norm)
        check(step, nats, grad_norm, lr, settings)
        for optimizer in optimizers:
            optimizer.step()
        seconds = time.perf_counter() - began
        progress = _progress(step, seconds, settings)
        yield Step(step, nats, lr, grad_norm, tokens, seconds, progress)


def _clip(parameters, longest):
    """Shorten all gradients by one factor to a norm of `longest` together; 0 leaves them. Returns the norm before."""
    norm = get_total_norm([p.grad for p in parameters if p.grad is not None], foreach=True)
    if 0 < longest < norm:
        clip_grads_with_norm_(parameters, longest, norm, foreach=True)
    return norm.item()


def _progress(step, seconds, settings):
    by_time = seconds / settings.max_seconds if settings.max_seconds else 0.0
    return min(1.0, max(step / settings.max_steps, by_time))


@torch.no_grad()
def surprises(model, stream, context, stride, precision="float32"):
    """Nats of every token of `stream` but the first, each scored once, by windows of `context` at `stride`.

    Yields float32 arrays in the order of the stream; together they are len(stream) − 1 long.
    """
    model.eval()
    pending, batch = [], max(1, SCORED_AT_ONCE // context)
    for ids, scored in windows_of(stream, context, stride):
        if len(pending) == batch:
            yield from _scores(model, pending, precision)
            pending = []
        pending.append((ids, scored))
    if pending:
        yield from _scores(model, pending, precision)


def _scores(model, pending, precision):
    ids = torch.from_numpy(np.stack([window for window, _ in pending]))
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
        logits, _ = model(ids[:, :-1])
    nats = F.cross_entropy(logits.float().transpose(1, 2), ids[:, 1:], reduction="none").numpy()
    for row, (_, scored) in zip(nats, pending):
        yield row[-scored:]
