# The dashboard on http://localhost:8501, with the workspace in the volume /workspace.
#   docker build -t winnow .                                              CPU
#   docker build -t winnow --build-arg REQUIREMENTS=requirements-gpu.txt .  GPU, with vLLM; run it with --gpus all
FROM python:3.11-slim

ARG REQUIREMENTS=requirements.txt
WORKDIR /app

COPY requirements*.txt ./
RUN pip install --no-cache-dir -r "$REQUIREMENTS"

COPY app.py ./
COPY .streamlit .streamlit
COPY backend backend
COPY pages pages
COPY data data

ENV WINNOW_WORKSPACE=/workspace \
    HF_HOME=/workspace/huggingface \
    OMP_NUM_THREADS=1 \
    PYTHONUNBUFFERED=1
VOLUME /workspace
EXPOSE 8501

HEALTHCHECK CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health')"]
CMD ["python", "-m", "streamlit", "run", "app.py", "--server.address", "0.0.0.0", "--server.port", "8501"]
