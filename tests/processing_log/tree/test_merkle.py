"""RFC 6962 and 9162: the known answers, and the second implementation's word on everything small."""

import pytest

from processing_log import merkle
from tests.processing_log.tree import by_the_book

LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
MANY = [bytes([number]) * (number % 7) for number in range(70)]


def nodes(leaves: list[bytes]) -> merkle.Node:
    """Complete subtrees only, as they are kept."""

    def node(level: int, place: int) -> bytes:
        part = leaves[place << level : (place + 1) << level]
        assert len(part) == 1 << level
        return by_the_book.mth(part)

    return node


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_reference_vectors(size):
    assert merkle.root(size, nodes(LEAVES)).hex() == ROOTS[size]


def test_proofs_are_those_of_the_reference_vectors():
    assert [hash_.hex()[:16] for hash_ in merkle.inclusion(5, 7, nodes(LEAVES))] == [
        "bc1a0643b12e4d2d", "b08693ec2e721597", "d37ee418976dd957",
    ]  # fmt: skip
    assert [hash_.hex()[:16] for hash_ in merkle.consistency(3, 7, nodes(LEAVES))] == [
        "0298d122906dcfc1", "07506a85fd9dd2f1", "fac54203e7cc696c", "837dbb152e9b0790",
    ]  # fmt: skip


@pytest.mark.parametrize("size", range(1, 34))
def test_every_inclusion_is_proved_as_by_the_book(size):
    leaves, node, root = MANY[:size], nodes(MANY), by_the_book.mth(MANY[:size])
    assert merkle.root(size, node) == root
    for index in range(size):
        proof = merkle.inclusion(index, size, node)
        leaf = merkle.leaf_hash(leaves[index])
        assert proof == by_the_book.path(index, leaves)
        assert by_the_book.root_of_path(leaves[index], index, size, proof) == root
        assert merkle.is_included(leaf, index, size, proof, root)
        assert not merkle.is_included(merkle.leaf_hash(b"other"), index, size, proof, root)
        assert not merkle.is_included(leaf, index, size, [*proof, root], root)
        assert not any(merkle.is_included(leaf, other, size, proof, root) for other in range(size) if other != index)


@pytest.mark.parametrize("new", range(1, 34))
def test_every_growth_is_proved_as_by_the_book(new):
    node, new_root = nodes(MANY), by_the_book.mth(MANY[:new])
    for old in range(1, new + 1):
        proof, old_root = merkle.consistency(old, new, node), by_the_book.mth(MANY[:old])
        assert proof == by_the_book.proof(old, MANY[:new])
        assert by_the_book.roots_of_proof(old, new, old_root, proof) == (old_root, new_root)
        assert merkle.is_consistent(old, new, old_root, new_root, proof)
        assert not merkle.is_consistent(old, new, new_root, new_root, proof) or old == new
        assert not merkle.is_consistent(old, new, old_root, old_root, proof) or old == new
        assert not merkle.is_consistent(old, new, old_root, new_root, [*proof, new_root])


def test_an_empty_tree_grows_into_anything_and_has_one_root():
    assert merkle.consistency(0, 5, nodes(LEAVES)) == []
    assert merkle.is_consistent(0, 5, merkle.EMPTY, bytes.fromhex(ROOTS[5]), [])
    assert not merkle.is_consistent(0, 5, bytes.fromhex(ROOTS[1]), bytes.fromhex(ROOTS[5]), [])


@pytest.mark.parametrize(("start", "end"), [(0, 0), (0, 1), (0, 70), (1, 70), (5, 6), (31, 33), (48, 64)])
def test_blocks_cover_a_range_once_with_complete_subtrees(start, end):
    covered = [
        leaf for level, place in merkle.blocks(start, end) for leaf in range(place << level, (place + 1) << level)
    ]
    assert covered == list(range(start, end))


@pytest.mark.parametrize("ask", [lambda n: merkle.inclusion(3, 3, n), lambda n: merkle.consistency(4, 3, n)])
def test_what_is_not_in_the_tree_has_no_proof(ask):
    with pytest.raises(ValueError, match="tree"):
        ask(nodes(LEAVES))
