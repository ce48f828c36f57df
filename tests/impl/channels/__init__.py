import pytest

pytest.register_assert_rewrite("tests.impl.channels.scene")
