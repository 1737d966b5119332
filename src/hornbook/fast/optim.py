"""Muon in PyTorch: the step of `hornbook.reference.optim.muon`, for all matrices of one shape at once."""

import torch

from hornbook.reference.optim import THREE_STEPS


class Muon(torch.optim.Optimizer):
    """Steps equally far in all directions of a matrix: W ← (1 − lr λ) W − lr √max(1, out / in) orthogonalised(m').

    m ← β m + (1 − β) g, and m' = β m + (1 − β) g once more (Nesterov). For hidden matrices alone. Newton–Schulz runs in
    `dtype`, where bfloat16 is as good and faster. Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/.
    """

    def __init__(self, matrices, lr=0.02, momentum=0.95, weight_decay=0.0, dtype=torch.bfloat16, steps=THREE_STEPS):
        by_shape = {}
        for matrix in matrices:
            by_shape.setdefault(matrix.shape, []).append(matrix)
        groups = [{"params": alike} for alike in by_shape.values()]
        super().__init__(groups, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        self.dtype, self.newton_schulz = dtype, steps

    @torch.no_grad()
    def step(self):
        """Take one step with the gradients there are."""
        for group in self.param_groups:
            alike, lr, beta = group["params"], group["lr"], group["momentum"]
            grads = [matrix.grad for matrix in alike]
            for matrix in alike:
                self.state[matrix].setdefault("m", torch.zeros_like(matrix))
            means = [self.state[matrix]["m"] for matrix in alike]
            torch._foreach_lerp_(means, grads, 1 - beta)
            ahead = torch.stack(torch._foreach_lerp(grads, means, beta))  # (n, out, in)
            steps = self.orthogonalised(ahead).type_as(ahead)
            torch._foreach_mul_(alike, 1 - lr * group["weight_decay"])
            torch._foreach_add_(alike, list(steps), alpha=-lr * max(1, steps.shape[1] / steps.shape[2]) ** 0.5)

    def orthogonalised(self, x):
        """Each of n matrices (n, out, in) with its singular values brought near 1."""
        tall = x.shape[1] > x.shape[2]
        x = (x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)).to(self.dtype)
        x = x.mT if tall else x
        for a, b, c in self.newton_schulz:
            gram = x @ x.mT
            x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
        return x.mT if tall else x
