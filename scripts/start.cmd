@echo off
rem Windows counterpart of scripts/start. NOT TESTED by this project's checks.
cd /d "%~dp0.."
if not exist .venv py -3 -m venv .venv || exit /b 1
.venv\Scripts\python -m pip install -q --no-deps --require-hashes -r requirements.lock || exit /b 1
.venv\Scripts\python -m pip install -q --no-deps --no-build-isolation -e . || exit /b 1
.venv\Scripts\kg build || exit /b 1
.venv\Scripts\kg explore -o build\explorer.html || exit /b 1
start "" build\explorer.html
