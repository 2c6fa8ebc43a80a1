"""Pairs the rows of a table with its columns so that together they are worth most."""

from collections.abc import Sequence


def best_pairs(worth: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Pairs (row, column), each row and column at most once, of the highest total; no worthless pair.

    The Hungarian method with potentials: time grows with rows² times columns. Among equals the earlier row
    goes with the earlier column.

    Source: H. W. Kuhn, "The Hungarian method for the assignment problem", Naval Research Logistics 2 (1955);
    J. Munkres, "Algorithms for the assignment and transportation problems", J. SIAM 5 (1957).
    """
    rows, columns = len(worth), len(worth[0]) if worth else 0
    if not rows or not columns:
        return []
    if rows > columns:
        return sorted((r, c) for c, r in best_pairs([list(column) for column in zip(*worth, strict=True)]))
    # A hair less for each step away from the diagonal settles what is equal.
    hair = 1e-9
    cost = [[abs(r - c) * hair - worth[r][c] for c in range(columns)] for r in range(rows)]
    row_of = _assign(cost)
    return sorted((r, c) for c, r in enumerate(row_of) if r >= 0 and worth[r][c] > 0)


def _assign(cost: Sequence[Sequence[float]]) -> list[int]:
    """For each column its row of the cheapest complete assignment, or -1. No more rows than columns."""
    rows, columns = len(cost), len(cost[0])
    high_row, high_column = [0.0] * (rows + 1), [0.0] * (columns + 1)
    match, way = [0] * (columns + 1), [0] * (columns + 1)  # 1-based; match[0] is the row being placed
    for row in range(1, rows + 1):
        match[0], at = row, 0
        least = [float("inf")] * (columns + 1)
        done = [False] * (columns + 1)
        while match[at]:
            done[at] = True
            here, step, to = match[at], float("inf"), 0
            for c in range(1, columns + 1):
                if done[c]:
                    continue
                slack = cost[here - 1][c - 1] - high_row[here] - high_column[c]
                if slack < least[c]:
                    least[c], way[c] = slack, at
                if least[c] < step:
                    step, to = least[c], c
            for c in range(columns + 1):
                if done[c]:
                    high_row[match[c]] += step
                    high_column[c] -= step
                else:
                    least[c] -= step
            at = to
        while at:
            match[at] = match[way[at]]
            at = way[at]
    return [row - 1 for row in match[1:]]
