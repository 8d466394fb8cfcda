"""From longitude and latitude (WGS84) to eastings and northings on the British National Grid.

Ordnance Survey, "A guide to coordinate systems in Great Britain": the seven-parameter (Helmert)
transformation of section 6.6 and the projection of annexe C. The transformation is good to about
five metres, which is far less than the generalisation of the boundaries that it is used for.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


class _Ellipsoid(NamedTuple):
    """Semi-axes in metres."""

    a: float
    b: float

    @property
    def e2(self) -> float:
        """Eccentricity squared."""
        return 1 - (self.b / self.a) ** 2


_WGS84 = _Ellipsoid(6_378_137.0, 6_356_752.3142)
_AIRY_1830 = _Ellipsoid(6_377_563.396, 6_356_256.909)
_SHIFT = (-446.448, 125.157, -542.060)
"""WGS84 to OSGB36, metres along x, y and z."""
_ROTATION = tuple(np.radians(seconds / 3600) for seconds in (-0.1502, -0.2470, -0.8421))
_SCALE = 20.4894e-6
_F0, _PHI0, _LAMBDA0 = 0.9996012717, np.radians(49.0), np.radians(-2.0)
_E0, _N0 = 400_000.0, -100_000.0
_LATITUDE_STEPS = 6
"""Steps of the latitude's fixed-point iteration; each wins more than two digits."""


def to_national_grid(longitude: Numbers, latitude: Numbers) -> tuple[Numbers, Numbers]:
    """Return eastings and northings in metres of WGS84 positions in degrees."""
    return project(*_to_osgb36(np.radians(longitude), np.radians(latitude)))


def project(lam: Numbers, phi: Numbers) -> tuple[Numbers, Numbers]:
    """Return eastings and northings in metres of OSGB36 longitudes and latitudes in radians."""
    a, b = _AIRY_1830
    e2, n = _AIRY_1830.e2, (a - b) / (a + b)
    sin, cos, tan2 = np.sin(phi), np.cos(phi), np.tan(phi) ** 2
    nu = a * _F0 / np.sqrt(1 - e2 * sin**2)
    rho = a * _F0 * (1 - e2) * (1 - e2 * sin**2) ** -1.5
    eta2 = nu / rho - 1
    minus, plus = phi - _PHI0, phi + _PHI0
    arc = (
        (1 + n + 5 / 4 * n**2 + 5 / 4 * n**3) * minus
        - (3 * n + 3 * n**2 + 21 / 8 * n**3) * np.sin(minus) * np.cos(plus)
        + (15 / 8 * n**2 + 15 / 8 * n**3) * np.sin(2 * minus) * np.cos(2 * plus)
        - 35 / 24 * n**3 * np.sin(3 * minus) * np.cos(3 * plus)
    )
    east = lam - _LAMBDA0
    northing = (
        b * _F0 * arc
        + _N0
        + nu / 2 * sin * cos * east**2
        + nu / 24 * sin * cos**3 * (5 - tan2 + 9 * eta2) * east**4
        + nu / 720 * sin * cos**5 * (61 - 58 * tan2 + tan2**2) * east**6
    )
    easting = (
        _E0
        + nu * cos * east
        + nu / 6 * cos**3 * (nu / rho - tan2) * east**3
        + nu / 120 * cos**5 * (5 - 18 * tan2 + tan2**2 + 14 * eta2 - 58 * tan2 * eta2) * east**5
    )
    return easting, northing


def _to_osgb36(lam: Numbers, phi: Numbers) -> tuple[Numbers, Numbers]:
    """Return OSGB36 longitudes and latitudes of WGS84 ones, all in radians."""
    a, e2 = _WGS84.a, _WGS84.e2
    nu = a / np.sqrt(1 - e2 * np.sin(phi) ** 2)
    x = nu * np.cos(phi) * np.cos(lam)
    y = nu * np.cos(phi) * np.sin(lam)
    z = (1 - e2) * nu * np.sin(phi)
    (tx, ty, tz), (rx, ry, rz), scale = _SHIFT, _ROTATION, 1 + _SCALE
    x, y, z = (
        tx + scale * x - rz * y + ry * z,
        ty + rz * x + scale * y - rx * z,
        tz - ry * x + rx * y + scale * z,
    )
    a, e2 = _AIRY_1830.a, _AIRY_1830.e2
    across = np.hypot(x, y)
    phi = np.arctan2(z, across * (1 - e2))
    for _ in range(_LATITUDE_STEPS):
        nu = a / np.sqrt(1 - e2 * np.sin(phi) ** 2)
        phi = np.arctan2(z + e2 * nu * np.sin(phi), across)
    return np.arctan2(y, x), phi
