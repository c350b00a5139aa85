"""Control digits of the numbers by which Russian authorities know a company."""


def valid_inn(inn: str) -> str:
    """A company's INN has 10 digits, a sole trader's 12; the last one or two are control digits."""
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    if not inn.isascii() or not inn.isdigit() or len(inn) not in (10, 12):
        raise ValueError("an INN has 10 or 12 digits")
    tails = [weights] if len(inn) == 10 else [(7, *weights[:1], *weights[1:]), (3, 7, *weights)]
    for tail in tails:
        control = sum(weight * int(digit) for weight, digit in zip(tail, inn, strict=False)) % 11 % 10
        if control != int(inn[len(tail)]):
            raise ValueError(f"the control digit of the INN {inn} is wrong")
    return inn


def valid_ogrn(ogrn: str) -> str:
    """A company's OGRN has 13 digits, a sole trader's 15; the last one is a control digit."""
    if not ogrn.isascii() or not ogrn.isdigit() or len(ogrn) not in (13, 15):
        raise ValueError("an OGRN has 13 or 15 digits")
    if int(ogrn[:-1]) % (len(ogrn) - 2) % 10 != int(ogrn[-1]):
        raise ValueError(f"the control digit of the OGRN {ogrn} is wrong")
    return ogrn
