import pytest

from profiles.registry_numbers import valid_inn, valid_ogrn


@pytest.mark.parametrize("inn", ["9715518580", "7707083893", "500100732259"])
def test_inn_with_the_right_control_digits_is_taken(inn):
    assert valid_inn(inn) == inn


@pytest.mark.parametrize(
    "inn", ["9715518581", "500100732258", "500100732269", "971551858", "97155185800", "971551858O", "٩715518580"]
)
def test_inn_with_a_wrong_digit_or_length_is_refused(inn):
    with pytest.raises(ValueError, match="INN"):
        valid_inn(inn)


@pytest.mark.parametrize("ogrn", ["1257700492389", "1027700132195", "304500116000157"])
def test_ogrn_with_the_right_control_digit_is_taken(ogrn):
    assert valid_ogrn(ogrn) == ogrn


@pytest.mark.parametrize("ogrn", ["1257700492388", "304500116000158", "125770049238"])
def test_ogrn_with_a_wrong_digit_or_length_is_refused(ogrn):
    with pytest.raises(ValueError, match="OGRN"):
        valid_ogrn(ogrn)
