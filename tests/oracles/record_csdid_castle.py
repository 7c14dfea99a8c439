"""Record what csdid 0.4.3 makes of the castle doctrine laws, beside the outcomes that it was given.

Run in an environment of its own with ``csdid`` and ``causaldata`` 0.1.5 (castle, MIT; Cheng and Hoekstra 2013
by way of Cunningham, "Causal Inference: The Mixtape"): ``python record_csdid_castle.py castle.dta``. Outcomes
are log homicides a 100,000 by state and year; the first treated year is the first whole one under the law
(``post``), zero for states without.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

ROUNDED = 6


def main(path: str) -> None:
    """Write ``csdid_castle.json`` beside this file."""
    from csdid.att_gt import ATTgt

    table = pd.read_stata(path)
    first = table.loc[table["post"] > 0].groupby("sid")["year"].min()
    table["first"] = table["sid"].map(first).fillna(0).astype("int64")
    table["weight"] = table.groupby("sid")["popwt"].transform("mean").astype("float64")
    table["outcome"] = table["l_homicide"].astype("float64").round(ROUNDED)
    table = table.sort_values(["sid", "year"])
    units = table.drop_duplicates("sid")
    found: dict = {
        "years": sorted(int(one) for one in table["year"].unique()),
        "units": [int(one) for one in units["sid"]],
        "first": [int(one) for one in units["first"]],
        "weight": [float(one) for one in units["weight"]],
        "outcome": table.pivot_table(index="sid", columns="year", values="outcome").to_numpy().tolist(),
    }
    for name in ("equal", "weighted"):
        more = {"weights_name": "weight"} if name == "weighted" else {}
        model = ATTgt(
            yname="outcome",
            gname="first",
            idname="sid",
            tname="year",
            control_group="notyettreated",
            data=table[["sid", "year", "outcome", "first", "weight"]],
            **more,
        ).fit(est_method="reg", base_period="universal", bstrap=False)
        cells = {key: np.asarray(model.results[key]).tolist() for key in ("group", "year", "att", "se")}
        found[name] = {"cells": cells}
        for kind in ("dynamic", "group", "simple"):
            result = model.aggte(typec=kind, bstrap=False, cband=False).atte
            keys = ("overall_att", "overall_se", "egt", "att_egt", "se_egt")
            found[name][kind] = {
                key: None if result[key] is None else np.asarray(result[key]).tolist() for key in keys
            }
    Path(__file__).with_name("csdid_castle.json").write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
